local path = arg[1]
local counts, total = {}, 0
for line in io.lines(path) do
  for word, n in line:gmatch("(%a+)%-?(%d*)") do
    counts[word] = (counts[word] or 0) + 1
    if n ~= "" then total = total + tonumber(n) end
  end
end
local names = {}
for name in pairs(counts) do names[#names + 1] = name end
table.sort(names)
for _, name in ipairs(names) do io.write(string.format("%-10s %4d %.14g\n", name, counts[name], counts[name] / 7)) end
print(total, math.pi, 7 // 2, -7 // 2, 7 % -3, 2 ^ 53, 1e308 * 10, 3 | 8, ~0, math.maxinteger + 1)
print(string.pack("<i4d", 7, 1.5):byte(1, -1))
print(select(2, pcall(function() error({ code = 42 }) end)).code)
print(select(2, pcall(error, "message", 0)), os.time({ year = 2020, month = 1, day = 1, hour = 12 }), os.date("!%Y-%m-%d", 0))
local co = coroutine.wrap(function(a) for i = 1, 3 do a = coroutine.yield(a * i) end end)
print(co(2), co(3), co(4))
-- a sieve, a matrix and some garbage
local sieve, primes = {}, 0
for i = 2, 2000 do
  if not sieve[i] then
    primes = primes + 1
    for j = i * i, 2000, i do sieve[j] = true end
  end
end
print(primes, #table.concat(names, ","), utf8.len("日本"), ("x"):rep(5, "-"))
collectgarbage()
io.stderr:write("to stderr\n")
local out = assert(io.open("lua-out.txt", "w"))
out:write(("%a %q\n"):format(0.1, "quoted\n"))
out:close()
os.exit(9)

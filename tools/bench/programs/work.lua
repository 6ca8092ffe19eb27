-- Tables, strings, closures and arithmetic; the argument scales the work.
local n = tonumber(arg[1])
local seed = 42
local function random(limit)
  seed = (seed * 1103515245 + 12345) % 2147483648
  return seed // 65536 % limit
end

local counts = {}
for i = 1, n * 4 do
  local key = 'k' .. random(5000)
  counts[key] = (counts[key] or 0) + i
end
local keys = {}
for key in pairs(counts) do keys[#keys + 1] = key end
table.sort(keys, function(a, b) return counts[a] < counts[b] or counts[a] == counts[b] and a < b end)
print(#keys, keys[1], keys[#keys])

local Point = {}
Point.__index = Point
Point.__add = function(a, b) return setmetatable({ x = a.x + b.x, y = a.y + b.y }, Point) end
local sum = setmetatable({ x = 0, y = 0.5 }, Point)
for i = 1, n * 2 do sum = sum + setmetatable({ x = i % 17, y = i * 0.25 }, Point) end
print(sum.x, sum.y)

local parts = {}
for i = 1, n do parts[#parts + 1] = string.format('%05d:%s', random(99999), ('ab'):rep(random(6))) end
local text = table.concat(parts, ' ')
local letters, digits = 0, 0
for word in text:gmatch('%S+') do
  letters = letters + #word:gsub('%d', '')
  digits = digits + tonumber(word:match('^%d+'))
end
print(#text, letters, digits)

local primes, composite = 0, {}
for i = 2, n * 4 do
  if not composite[i] then
    primes = primes + 1
    for k = i * i, n * 4, i do composite[k] = true end
  end
end
print(primes)

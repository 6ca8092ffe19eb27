;; 1: add rax, [rsi+rcx*8]; mov [rdi+rcx*8], rax; dec rcx; jne 1b; syscall

;; region 401000
;;   401000 add rax,[rsi+rcx*8]
;;   401004 mov [rdi+rcx*8],rax
;;   401008 dec rcx
;;   40100b jne short 0000000000401000h
(func $guest_401000 (param $entry i32) (param $depth i32) (result i64)
  (local $result i64) (local $remaining i32) (local $ccKind i32) (local $ccA i64) (local $ccB i64) (local $ccC i64) (local $rax i64) (local $rcx i64)
  (local $rsi i64) (local $rdi i64) (local i64) (local i64) (local i64) (local i64) (local i64) (local i32)
  (local i32) (local i32) (local i32) (local i32) (local i32) (local $t0 i64)
  i32.const 0
  i32.load offset=432  ;; remaining
  local.set $remaining
  block  ;; @1
    i32.const 0
    i64.load  ;; rax
    local.set $rax
    i32.const 0
    i64.load offset=8  ;; rcx
    local.set $rcx
    i32.const 0
    i64.load offset=48  ;; rsi
    local.set $rsi
    i32.const 0
    i64.load offset=56  ;; rdi
    local.set $rdi
    i32.const 0
    i32.load offset=136  ;; ccKind
    local.set $ccKind
    i32.const 0
    i64.load offset=144  ;; ccA
    local.set $ccA
    i32.const 0
    i64.load offset=152  ;; ccB
    local.set $ccB
    i32.const 0
    i64.load offset=160  ;; ccC
    local.set $ccC
    loop  ;; @2
      local.get $remaining
      i32.const 4
      i32.lt_s
      if  ;; @3
        i32.const 0
        local.get $rax
        i64.store  ;; rax
        i32.const 0
        local.get $rcx
        i64.store offset=8  ;; rcx
        i32.const 0
        local.get $ccKind
        i32.store offset=136  ;; ccKind
        i32.const 0
        local.get $ccA
        i64.store offset=144  ;; ccA
        i32.const 0
        local.get $ccB
        i64.store offset=152  ;; ccB
        i32.const 0
        local.get $ccC
        i64.store offset=160  ;; ccC
        i64.const -0x8000000000000000  ;; exit at 0x401000: budget
        local.set $result
        br 2 (;@1;)
      end
      local.get $rsi
      local.get $rcx
      i64.const 3
      i64.shl
      i64.add
      local.tee 16
      i32.wrap_i64
      local.tee 21
      i32.const 8
      i32.shr_u
      i32.const 65520
      i32.and
      local.set 22
      local.get 16
      local.get 22
      i64.load offset=4096
      i64.sub
      i64.const 4600
      i64.gt_u
      if  ;; @3
        i32.const 0
        local.get $rax
        i64.store  ;; rax
        i32.const 0
        local.get $rcx
        i64.store offset=8  ;; rcx
        i32.const 0
        local.get $ccKind
        i32.store offset=136  ;; ccKind
        i32.const 0
        local.get $ccA
        i64.store offset=144  ;; ccA
        i32.const 0
        local.get $ccB
        i64.store offset=152  ;; ccB
        i32.const 0
        local.get $ccC
        i64.store offset=160  ;; ccC
        i64.const -0x7fffffffffffffff  ;; exit at 0x401000: memory
        local.set $result
        br 2 (;@1;)
      end
      local.get 22
      i32.load offset=4104
      local.get 21
      i32.add
      i64.load  ;; rax
      local.set $t0
      local.get $rax
      local.set $ccA
      local.get $t0
      local.set $ccB
      i32.const 769
      local.set $ccKind
      local.get $rax
      local.get $t0
      i64.add
      local.set $rax
      local.get $rdi
      local.get $rcx
      i64.const 3
      i64.shl
      i64.add
      local.tee 16
      i32.wrap_i64
      local.tee 21
      i32.const 8
      i32.shr_u
      i32.const 65520
      i32.and
      local.set 22
      local.get 16
      local.get 22
      i64.load offset=69632
      i64.sub
      i64.const 4600
      i64.gt_u
      if  ;; @3
        i32.const 0
        local.get $rax
        i64.store  ;; rax
        i32.const 0
        local.get $rcx
        i64.store offset=8  ;; rcx
        i32.const 0
        i32.const 769
        i32.store offset=136  ;; ccKind
        i32.const 0
        local.get $ccA
        i64.store offset=144  ;; ccA
        i32.const 0
        local.get $ccB
        i64.store offset=152  ;; ccB
        i64.const -0x7ffffffffffffffe  ;; exit at 0x401004: memory
        local.set $result
        br 2 (;@1;)
      end
      local.get 22
      i32.load offset=69640
      local.get 21
      i32.add
      local.get $rax
      i64.store  ;; rax
      local.get $ccA
      local.get $ccB
      i64.add
      local.get $ccA
      i64.lt_u
      i32.const 0
      i32.ne
      i64.extend_i32_u
      local.set $t0
      local.get $rcx
      local.set $ccA
      local.get $t0
      local.set $ccB
      i32.const 775
      local.set $ccKind
      local.get $rcx
      i64.const 1
      i64.sub
      local.set $rcx
      local.get $remaining
      i32.const 4
      i32.sub
      local.set $remaining
      local.get $ccA
      i64.const 1
      i64.sub
      i64.eqz
      i32.eqz
      br_if 0 (;@2;)
      i64.const 0x4000000000000000  ;; go on at 0x40100d
      local.set $result
      i32.const 0
      local.get $rax
      i64.store  ;; rax
      i32.const 0
      local.get $rcx
      i64.store offset=8  ;; rcx
      i32.const 0
      i32.const 775
      i32.store offset=136  ;; ccKind
      i32.const 0
      local.get $ccA
      i64.store offset=144  ;; ccA
      i32.const 0
      local.get $ccB
      i64.store offset=152  ;; ccB
      br 1 (;@1;)
    end
  end
  i32.const 0
  local.get $remaining
  i32.store offset=432  ;; remaining
  local.get $result
)

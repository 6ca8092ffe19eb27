;; 1: addsd xmm0, [rsi+rcx*8]; dec rcx; jne 1b; movq rax, xmm0; syscall

;; region 401000
;;   401000 addsd xmm0,[rsi+rcx*8]
;;   401005 dec rcx
;;   401008 jne short 0000000000401000h
(func $guest_401000 (param $entry i32) (param $depth i32) (result i64)
  (local $result i64) (local $remaining i32) (local $ccKind i32) (local $ccA i64) (local $ccB i64) (local $ccC i64) (local $rcx i64) (local $rsi i64)
  (local $xmm0 v128) (local i64) (local i64) (local i64) (local i64) (local i64) (local i32) (local i32)
  (local i32) (local i32) (local i32) (local i32) (local $v0 v128) (local f64) (local f64) (local f64)
  (local $t0 i64)
  i32.const 0
  i32.load offset=432  ;; remaining
  local.set $remaining
  block  ;; @1
    i32.const 0
    i64.load offset=8  ;; rcx
    local.set $rcx
    i32.const 0
    i64.load offset=48  ;; rsi
    local.set $rsi
    i32.const 0
    v128.load offset=1024  ;; xmm0
    local.set $xmm0
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
      i32.const 3
      i32.lt_s
      if  ;; @3
        i32.const 0
        local.get $rcx
        i64.store offset=8  ;; rcx
        i32.const 0
        local.get $xmm0
        v128.store offset=1024  ;; xmm0
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
      local.tee 15
      i32.wrap_i64
      local.tee 20
      i32.const 8
      i32.shr_u
      i32.const 65520
      i32.and
      local.set 21
      local.get 15
      local.get 21
      i64.load offset=4096
      i64.sub
      i64.const 4600
      i64.gt_u
      if  ;; @3
        i32.const 0
        local.get $rcx
        i64.store offset=8  ;; rcx
        i32.const 0
        local.get $xmm0
        v128.store offset=1024  ;; xmm0
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
      local.get 21
      i32.load offset=4104
      local.get 20
      i32.add
      v128.load64_zero  ;; rax
      local.set $v0
      i32.const 0
      i32.load offset=192  ;; mxcsr
      i32.const 28704
      i32.and
      i32.const 4128
      i32.ne
      if  ;; @3
        i32.const 0
        local.get $rcx
        i64.store offset=8  ;; rcx
        i32.const 0
        local.get $xmm0
        v128.store offset=1024  ;; xmm0
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
        i64.const -0x7ffffffffffffffe  ;; exit at 0x401000: float
        local.set $result
        br 2 (;@1;)
      end
      local.get $xmm0
      f64x2.extract_lane 0
      local.set 23
      local.get $v0
      f64x2.extract_lane 0
      local.set 24
      local.get 23
      local.get 24
      f64.add
      local.set 25
      block  ;; @3
        block  ;; @4
          local.get 23
          i64.reinterpret_f64
          i64.const 1
          i64.shl
          i64.const 53
          i64.shr_u
          i64.eqz
          br_if 0 (;@4;)
          local.get 24
          i64.reinterpret_f64
          i64.const 1
          i64.shl
          i64.const 53
          i64.shr_u
          i64.eqz
          br_if 0 (;@4;)
          local.get 25
          i64.reinterpret_f64
          i64.const 1
          i64.shl
          i64.const 53
          i64.shr_u
          i64.const 1
          i64.sub
          i64.const 2046
          i64.ge_u
          br_if 0 (;@4;)
          br 1 (;@3;)
        end
        local.get 23
        i64.reinterpret_f64
        i64.const 1
        i64.shl
        i64.const 53
        i64.shr_u
        i64.const 1
        i64.sub
        i64.const 2046
        i64.ge_u
        local.get 23
        f64.const 0
        f64.ne
        i32.and
        local.get 24
        i64.reinterpret_f64
        i64.const 1
        i64.shl
        i64.const 53
        i64.shr_u
        i64.const 1
        i64.sub
        i64.const 2046
        i64.ge_u
        local.get 24
        f64.const 0
        f64.ne
        i32.and
        i32.or
        local.get 25
        i64.reinterpret_f64
        i64.const 1
        i64.shl
        i64.const 53
        i64.shr_u
        i64.const 1
        i64.sub
        i64.const 2046
        i64.ge_u
        local.get 25
        f64.const 0
        f64.ne
        i32.and
        i32.or
        if  ;; @4
          i32.const 0
          local.get $rcx
          i64.store offset=8  ;; rcx
          i32.const 0
          local.get $xmm0
          v128.store offset=1024  ;; xmm0
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
          i64.const -0x7ffffffffffffffd  ;; exit at 0x401000: float
          local.set $result
          br 3 (;@1;)
        end
      end
      local.get $xmm0
      local.get 25
      f64x2.replace_lane 0
      local.set $xmm0
      local.get $ccKind
      i32.const 775
      i32.eq
      if (result i32)  ;; @3
        local.get $ccB
        i32.wrap_i64
        i32.const 1
        i32.and
      else
        local.get $ccKind
        local.get $ccA
        local.get $ccB
        local.get $ccC
        call $flags
        local.tee 19
        i32.const 0
        i32.lt_s
        if  ;; @4
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
          call $readFlags
          local.set 19
        end
        local.get 19
        i32.const 1
        i32.and
      end
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
      i32.const 3
      i32.sub
      local.set $remaining
      local.get $ccA
      i64.const 1
      i64.sub
      i64.eqz
      i32.eqz
      br_if 0 (;@2;)
      i64.const 0x4000000000000000  ;; go on at 0x40100a
      local.set $result
      i32.const 0
      local.get $rcx
      i64.store offset=8  ;; rcx
      i32.const 0
      local.get $xmm0
      v128.store offset=1024  ;; xmm0
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

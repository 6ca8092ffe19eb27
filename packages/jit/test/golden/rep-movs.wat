;; 1: mov rdx, rcx; mov ecx, 24; rep movsb; lea rsi, [rsi-24]; lea rdi, [rdi-24]; mov rcx, rdx; dec rcx; jne 1b; syscall

;; region 401000
;;   401000 mov rdx,rcx
;;   401003 mov ecx,18h
;;   401008 rep movsb [rdi],[rsi]
;;   40100a lea rsi,[rsi-18h]
;;   40100e lea rdi,[rdi-18h]
;;   401012 mov rcx,rdx
;;   401015 dec rcx
;;   401018 jne short 0000000000401000h
(func $guest_401000 (param $entry i32) (param $depth i32) (result i64)
  (local $result i64) (local $remaining i32) (local $ccKind i32) (local $ccA i64) (local $ccB i64) (local $ccC i64) (local $rax i64) (local $rcx i64)
  (local $rdx i64) (local $rsi i64) (local $rdi i64) (local i32) (local i32) (local i32) (local i32) (local i32)
  (local i32) (local i32) (local i32) (local i64) (local i64) (local i64) (local i64) (local i64)
  (local i64) (local i64) (local $t0 i64)
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
      i32.const 8
      i32.lt_s
      if  ;; @3
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
      local.get $rcx
      local.set $rdx
      i64.const 24
      local.set $rcx
      local.get $rcx
      i64.const 0x100000
      i64.gt_u
      i32.const 0
      local.get $rcx
      i64.store offset=8  ;; rcx
      i32.const 0
      local.get $rdx
      i64.store offset=16  ;; rdx
      if  ;; @3
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
        i64.const -0x7fffffffffffffff  ;; exit at 0x401008: other
        local.set $result
        br 2 (;@1;)
      end
      local.get $rcx
      i64.eqz
      if  ;; @3
        i32.const 0
        i32.const 0
        i64.load offset=272  ;; repCompleted
        i64.const 1
        i64.add
        i64.store offset=272  ;; repCompleted
        i32.const 0
        i32.const 0
        i64.load offset=280  ;; repEmpty
        i64.const 1
        i64.add
        i64.store offset=280  ;; repEmpty
      else
        loop  ;; @4
          local.get $rcx
          local.set 27
          local.get $rsi
          i32.wrap_i64
          i32.const 4095
          i32.and
          i32.const 0
          i32.shr_u
          i32.const 1
          i32.add
          i32.const 4096
          local.get $rsi
          i32.wrap_i64
          i32.const 4095
          i32.and
          i32.sub
          i32.const 0
          i32.shr_u
          i32.const 0
          i32.load offset=168  ;; rflags
          i32.const 1024
          i32.and
          select
          i64.extend_i32_u
          local.get 27
          local.get $rsi
          i32.wrap_i64
          i32.const 4095
          i32.and
          i32.const 0
          i32.shr_u
          i32.const 1
          i32.add
          i32.const 4096
          local.get $rsi
          i32.wrap_i64
          i32.const 4095
          i32.and
          i32.sub
          i32.const 0
          i32.shr_u
          i32.const 0
          i32.load offset=168  ;; rflags
          i32.const 1024
          i32.and
          select
          i64.extend_i32_u
          local.get 27
          i64.lt_u
          select
          local.set 27
          local.get $rdi
          i32.wrap_i64
          i32.const 4095
          i32.and
          i32.const 0
          i32.shr_u
          i32.const 1
          i32.add
          i32.const 4096
          local.get $rdi
          i32.wrap_i64
          i32.const 4095
          i32.and
          i32.sub
          i32.const 0
          i32.shr_u
          i32.const 0
          i32.load offset=168  ;; rflags
          i32.const 1024
          i32.and
          select
          i64.extend_i32_u
          local.get 27
          local.get $rdi
          i32.wrap_i64
          i32.const 4095
          i32.and
          i32.const 0
          i32.shr_u
          i32.const 1
          i32.add
          i32.const 4096
          local.get $rdi
          i32.wrap_i64
          i32.const 4095
          i32.and
          i32.sub
          i32.const 0
          i32.shr_u
          i32.const 0
          i32.load offset=168  ;; rflags
          i32.const 1024
          i32.and
          select
          i64.extend_i32_u
          local.get 27
          i64.lt_u
          select
          local.set 27
          local.get 27
          i32.wrap_i64
          i32.const 0
          i32.shl
          local.tee 16
          i32.const 1
          i32.sub
          i32.const 0
          i32.const 0
          i32.load offset=168  ;; rflags
          i32.const 1024
          i32.and
          select
          local.set 20
          local.get $rsi
          local.get 20
          i64.extend_i32_u
          i64.sub
          local.tee 25
          i32.wrap_i64
          local.tee 17
          i32.const 8
          i32.shr_u
          i32.const 65520
          i32.and
          local.set 18
          local.get 25
          local.get 18
          i64.load offset=4096
          i64.sub
          i64.const 4607
          i64.gt_u
          i32.const 0
          local.get $rcx
          i64.store offset=8  ;; rcx
          i32.const 0
          local.get $rsi
          i64.store offset=48  ;; rsi
          i32.const 0
          local.get $rdi
          i64.store offset=56  ;; rdi
          if  ;; @5
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
            i64.const -0x7ffffffffffffffe  ;; exit at 0x401008: other
            local.set $result
            br 4 (;@1;)
          end
          local.get 18
          i32.load offset=4104
          local.get 17
          i32.add
          local.set 14
          local.get $rdi
          local.get 20
          i64.extend_i32_u
          i64.sub
          local.tee 25
          i32.wrap_i64
          local.tee 17
          i32.const 8
          i32.shr_u
          i32.const 65520
          i32.and
          local.set 18
          local.get 25
          local.get 18
          i64.load offset=69632
          i64.sub
          i64.const 4607
          i64.gt_u
          i32.const 0
          local.get $rcx
          i64.store offset=8  ;; rcx
          i32.const 0
          local.get $rsi
          i64.store offset=48  ;; rsi
          i32.const 0
          local.get $rdi
          i64.store offset=56  ;; rdi
          if  ;; @5
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
            i64.const -0x7ffffffffffffffd  ;; exit at 0x401008: other
            local.set $result
            br 4 (;@1;)
          end
          local.get 18
          i32.load offset=69640
          local.get 17
          i32.add
          local.set 15
          local.get 14
          local.get 15
          i32.sub
          i32.const 1
          i32.sub
          local.get 16
          i32.const 1
          i32.sub
          i32.lt_u
          local.get 15
          local.get 14
          i32.sub
          i32.const 1
          i32.sub
          local.get 16
          i32.const 1
          i32.sub
          i32.lt_u
          i32.const 0
          i32.load offset=168  ;; rflags
          i32.const 1024
          i32.and
          select
          i32.const 0
          local.get $rcx
          i64.store offset=8  ;; rcx
          i32.const 0
          local.get $rsi
          i64.store offset=48  ;; rsi
          i32.const 0
          local.get $rdi
          i64.store offset=56  ;; rdi
          if  ;; @5
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
            i64.const -0x7ffffffffffffffc  ;; exit at 0x401008: other
            local.set $result
            br 4 (;@1;)
          end
          local.get 15
          local.get 14
          local.get 16
          memory.copy
          local.get $rsi
          i32.const 0
          local.get 16
          i32.sub
          local.get 16
          i32.const 0
          i32.load offset=168  ;; rflags
          i32.const 1024
          i32.and
          select
          i64.extend_i32_s
          i64.add
          local.set $rsi
          local.get $rdi
          i32.const 0
          local.get 16
          i32.sub
          local.get 16
          i32.const 0
          i32.load offset=168  ;; rflags
          i32.const 1024
          i32.and
          select
          i64.extend_i32_s
          i64.add
          local.set $rdi
          i32.const 0
          i32.const 0
          i64.load offset=264  ;; repIterations
          local.get 27
          i64.add
          i64.store offset=264  ;; repIterations
          local.get $rcx
          local.get 27
          i64.sub
          local.set $rcx
          local.get $rcx
          i64.eqz
          i32.eqz
          br_if 0 (;@4;)
        end
        i32.const 0
        i32.const 0
        i64.load offset=272  ;; repCompleted
        i64.const 1
        i64.add
        i64.store offset=272  ;; repCompleted
        i32.const 0
        i32.const 0
        i64.load offset=288  ;; repExhausted
        i64.const 1
        i64.add
        i64.store offset=288  ;; repExhausted
      end
      local.get $rsi
      i64.const -24
      i64.add
      local.set $rsi
      local.get $rdi
      i64.const -24
      i64.add
      local.set $rdi
      local.get $rdx
      local.set $rcx
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
        local.tee 16
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
          local.set 16
        end
        local.get 16
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
      i32.const 8
      i32.sub
      local.set $remaining
      i32.const 0
      local.get $rcx
      i64.store offset=8  ;; rcx
      i32.const 0
      local.get $rsi
      i64.store offset=48  ;; rsi
      i32.const 0
      local.get $rdi
      i64.store offset=56  ;; rdi
      local.get $ccA
      i64.const 1
      i64.sub
      i64.eqz
      i32.eqz
      br_if 0 (;@2;)
      i64.const 0x4000000000000000  ;; go on at 0x40101a
      local.set $result
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

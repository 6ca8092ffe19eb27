;; 1: call 2f; dec rcx; jne 1b; syscall; 2: lea rax, [rax+rcx*2]; ret

;; region 401005
;;   401005 dec rcx
;;   401008 jne short 0000000000401000h
;;   401000 call 000000000040100Ch
;;   40100c lea rax,[rax+rcx*2]
;;   401010 ret
(func $guest_401005 (param $entry i32) (param $depth i32) (result i64)
  (local $result i64) (local $remaining i32) (local $ccKind i32) (local $ccA i64) (local $ccB i64) (local $ccC i64) (local $rax i64) (local $rcx i64)
  (local $rsp i64) (local i32) (local i32) (local i32) (local i32) (local $t0 i64) (local i64) (local i64)
  (local i64) (local i64) (local i64) (local i32) (local i32) (local i32) (local i32) (local i32)
  (local i64)
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
    i64.load offset=32  ;; rsp
    local.set $rsp
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
      i32.const 5
      i32.lt_s
      if  ;; @3
        i32.const 0
        local.get $rax
        i64.store  ;; rax
        i32.const 0
        local.get $rcx
        i64.store offset=8  ;; rcx
        i32.const 0
        local.get $rsp
        i64.store offset=32  ;; rsp
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
        i64.const -0x8000000000000000  ;; exit at 0x401005: budget
        local.set $result
        br 2 (;@1;)
      end
      local.get $ccKind
      local.get $ccA
      local.get $ccB
      local.get $ccC
      call $flags
      local.tee 14
      i32.const 0
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
        call $readFlags
        local.set 14
      end
      local.get 14
      i32.const 1
      i32.and
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
      local.get $ccA
      i64.const 1
      i64.sub
      i64.eqz
      i32.eqz
      if  ;; @3
        local.get $rsp
        i64.const -8
        i64.add
        local.tee 20
        i32.wrap_i64
        local.tee 21
        i32.const 8
        i32.shr_u
        i32.const 65520
        i32.and
        local.set 22
        local.get 20
        local.get 22
        i64.load offset=69632
        i64.sub
        i64.const 4600
        i64.gt_u
        if  ;; @4
          i32.const 0
          local.get $rax
          i64.store  ;; rax
          i32.const 0
          local.get $rcx
          i64.store offset=8  ;; rcx
          i32.const 0
          local.get $rsp
          i64.store offset=32  ;; rsp
          i32.const 0
          i32.const 775
          i32.store offset=136  ;; ccKind
          i32.const 0
          local.get $ccA
          i64.store offset=144  ;; ccA
          i32.const 0
          local.get $ccB
          i64.store offset=152  ;; ccB
          i64.const -0x7fffffffffffffff  ;; exit at 0x401000: memory
          local.set $result
          br 3 (;@1;)
        end
        local.get 22
        i32.load offset=69640
        local.get 21
        i32.add
        local.tee 25
        i64.const 0x401005
        i64.store  ;; rax
        local.get $rsp
        i64.const 8
        i64.sub
        local.set $rsp
        local.get $rax
        local.get $rcx
        i64.const 1
        i64.shl
        i64.add
        local.set $rax
        local.get 25
        i64.load  ;; rax
        local.set $t0
        local.get $t0
        local.tee 26
        i64.const 0x401005
        i64.ne
        if  ;; @4
          local.get 26
          i64.const 47
          i64.shr_u
          i64.eqz
          i32.eqz
          if  ;; @5
            i32.const 0
            local.get $rax
            i64.store  ;; rax
            i32.const 0
            local.get $rcx
            i64.store offset=8  ;; rcx
            i32.const 0
            local.get $rsp
            i64.store offset=32  ;; rsp
            i32.const 0
            i32.const 775
            i32.store offset=136  ;; ccKind
            i32.const 0
            local.get $ccA
            i64.store offset=144  ;; ccA
            i32.const 0
            local.get $ccB
            i64.store offset=152  ;; ccB
            i64.const -0x7ffffffffffffffe  ;; exit at 0x401010: other
            local.set $result
            br 4 (;@1;)
          end
          local.get $rsp
          i64.const 8
          i64.add
          local.set $rsp
          local.get $remaining
          i32.const 5
          i32.sub
          local.set $remaining
          local.get 26
          local.set $result
          i32.const 0
          local.get $rax
          i64.store  ;; rax
          i32.const 0
          local.get $rcx
          i64.store offset=8  ;; rcx
          i32.const 0
          local.get $rsp
          i64.store offset=32  ;; rsp
          i32.const 0
          i32.const 775
          i32.store offset=136  ;; ccKind
          i32.const 0
          local.get $ccA
          i64.store offset=144  ;; ccA
          i32.const 0
          local.get $ccB
          i64.store offset=152  ;; ccB
          i32.const 0
          local.get $remaining
          i32.store offset=432  ;; remaining
          local.get $result
          return
        end
        local.get $rsp
        i64.const 8
        i64.add
        local.set $rsp
        local.get $remaining
        i32.const 5
        i32.sub
        local.set $remaining
        br 1 (;@2;)
      end
      local.get $remaining
      i32.const 2
      i32.sub
      local.set $remaining
      i64.const 0x4000000000000000  ;; go on at 0x40100a
      local.set $result
      i32.const 0
      local.get $rax
      i64.store  ;; rax
      i32.const 0
      local.get $rcx
      i64.store offset=8  ;; rcx
      i32.const 0
      local.get $rsp
      i64.store offset=32  ;; rsp
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

;; region 40100c
;;   40100c lea rax,[rax+rcx*2]
;;   401010 ret
(func $guest_40100c (param $entry i32) (param $depth i32) (result i64)
  (local $result i64) (local $remaining i32) (local $ccKind i32) (local $ccA i64) (local $ccB i64) (local $ccC i64) (local $rax i64) (local $rcx i64)
  (local $rsp i64) (local i64) (local i64) (local i64) (local i64) (local i64) (local i32) (local i32)
  (local i32) (local i32) (local i32) (local i32) (local $t0 i64) (local i64)
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
    i64.load offset=32  ;; rsp
    local.set $rsp
    local.get $remaining
    i32.const 2
    i32.lt_s
    if  ;; @2
      i64.const -0x7ffffffffffffffd  ;; exit at 0x40100c: budget
      local.set $result
      br 1 (;@1;)
    end
    local.get $rax
    local.get $rcx
    i64.const 1
    i64.shl
    i64.add
    local.set $rax
    local.get $rsp
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
    i32.const 0
    local.get $rax
    i64.store  ;; rax
    if  ;; @2
      i64.const -0x7ffffffffffffffc  ;; exit at 0x401010: memory
      local.set $result
      br 1 (;@1;)
    end
    local.get 21
    i32.load offset=4104
    local.get 20
    i32.add
    i64.load  ;; rax
    local.set $t0
    local.get $t0
    local.set 23
    local.get 23
    i64.const 47
    i64.shr_u
    i64.eqz
    i32.eqz
    if  ;; @2
      i64.const -0x7ffffffffffffffb  ;; exit at 0x401010: other
      local.set $result
      br 1 (;@1;)
    end
    local.get $rsp
    i64.const 8
    i64.add
    local.set $rsp
    local.get $remaining
    i32.const 2
    i32.sub
    local.set $remaining
    local.get 23
    local.set $result
    i32.const 0
    local.get $rsp
    i64.store offset=32  ;; rsp
    i32.const 0
    local.get $remaining
    i32.store offset=432  ;; remaining
    local.get $result
    return
  end
  i32.const 0
  local.get $remaining
  i32.store offset=432  ;; remaining
  local.get $result
)

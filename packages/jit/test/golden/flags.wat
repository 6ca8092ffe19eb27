;; 1: cmp rcx, 50; jg 2f; je 3f; inc rax; 3: add rax, 2; 2: dec rcx; jne 1b; syscall

;; region 401000
;;   401000 cmp rcx,32h
;;   401004 jg short 000000000040100Fh
;;   40100f dec rcx
;;   401012 jne short 0000000000401000h
(func $guest_401000 (param $entry i32) (param $depth i32) (result i64)
  (local $result i64) (local $remaining i32) (local $ccKind i32) (local $ccA i64) (local $ccB i64) (local $ccC i64) (local $rcx i64) (local $t0 i64)
  i32.const 0
  i32.load offset=432  ;; remaining
  local.set $remaining
  block  ;; @1
    i32.const 0
    i64.load offset=8  ;; rcx
    local.set $rcx
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
      local.get $rcx
      local.set $ccA
      i64.const 50
      local.set $ccB
      i32.const 771
      local.set $ccKind
      local.get $ccA
      local.get $ccB
      i64.gt_s
      if  ;; @3
        local.get $ccA
        local.get $ccB
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
        br_if 1 (;@2;)
        i64.const 0x4000000000000000  ;; go on at 0x401014
        local.set $result
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
        br 2 (;@1;)
      end
      local.get $remaining
      i32.const 2
      i32.sub
      local.set $remaining
      i64.const 0x4000000000000001  ;; go on at 0x401006
      local.set $result
      i32.const 0
      local.get $rcx
      i64.store offset=8  ;; rcx
      i32.const 0
      i32.const 771
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

;; region 401000
;;   401000 cmp rcx,32h
;;   401004 jg short 000000000040100Fh
;;   401006 je short 000000000040100Bh
;;   401008 inc rax
;;   40100b add rax,2
;;   40100f dec rcx
;;   401012 jne short 0000000000401000h
(func $guest_401000 (param $entry i32) (param $depth i32) (result i64)
  (local $result i64) (local $remaining i32) (local $ccKind i32) (local $ccA i64) (local $ccB i64) (local $ccC i64) (local $rax i64) (local $rcx i64)
  (local i32) (local i32) (local i32) (local i32) (local $t0 i64)
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
      block  ;; @3
        local.get $remaining
        i32.const 7
        i32.lt_s
        if  ;; @4
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
          i64.const -0x7fffffffffffffff  ;; exit at 0x401000: budget
          local.set $result
          br 3 (;@1;)
        end
        local.get $rcx
        local.set $ccA
        i64.const 50
        local.set $ccB
        i32.const 771
        local.set $ccKind
        local.get $remaining
        i32.const 2
        i32.sub
        local.set $remaining
        local.get $ccA
        local.get $ccB
        i64.gt_s
        br_if 0 (;@3;)
        local.get $ccA
        local.get $ccB
        i64.eq
        if  ;; @4
          local.get $remaining
          i32.const 1
          i32.sub
          local.set $remaining
          i64.const 0x4000000000000003  ;; go on at 0x40100b
          local.set $result
          i32.const 0
          local.get $rax
          i64.store  ;; rax
          i32.const 0
          local.get $rcx
          i64.store offset=8  ;; rcx
          i32.const 0
          i32.const 771
          i32.store offset=136  ;; ccKind
          i32.const 0
          local.get $ccA
          i64.store offset=144  ;; ccA
          i32.const 0
          local.get $ccB
          i64.store offset=152  ;; ccB
          br 3 (;@1;)
        end
        local.get $rax
        i64.const 1
        i64.add
        local.set $rax
        local.get $rax
        local.set $ccA
        i64.const 2
        local.set $ccB
        i32.const 769
        local.set $ccKind
        local.get $rax
        i64.const 2
        i64.add
        local.set $rax
        local.get $remaining
        i32.const 3
        i32.sub
        local.set $remaining
        br 0 (;@3;)
      end
      local.get $ccKind
      i32.const 771
      i32.eq
      if (result i32)  ;; @3
        local.get $ccA
        local.get $ccB
        i64.lt_u
      else
        local.get $ccKind
        local.get $ccA
        local.get $ccB
        local.get $ccC
        call $flags
        local.tee 13
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
          local.set 13
        end
        local.get 13
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
      i32.const 2
      i32.sub
      local.set $remaining
      local.get $ccA
      i64.const 1
      i64.sub
      i64.eqz
      i32.eqz
      br_if 0 (;@2;)
      i64.const 0x4000000000000000  ;; go on at 0x401014
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

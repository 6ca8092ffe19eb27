/** A node of an intrusive AVL tree. */
export interface AvlNode<N> {
  left: N | null;
  right: N | null;
  height: number;
}

export interface AvlTree<N> {
  insert(root: N | null, node: N): N;
  /** Takes out the node that compares equal to `like`; it must be there. */
  remove(root: N, like: N): N | null;
}

/** Balanced insertion and removal over any order; `summarise` recomputes what a node tells about its subtree from its children. */
export function avlTree<N extends AvlNode<N>>(compare: (a: N, b: N) => number, summarise: (node: N) => void): AvlTree<N> {
  const heightOf = (node: N | null): number => (node === null ? 0 : node.height);

  function refresh(node: N): void {
    const left = heightOf(node.left);
    const right = heightOf(node.right);
    node.height = (left > right ? left : right) + 1;
    summarise(node);
  }
  function rotateRight(node: N): N {
    const top = node.left!;
    node.left = top.right;
    top.right = node;
    refresh(node);
    refresh(top);
    return top;
  }
  function rotateLeft(node: N): N {
    const top = node.right!;
    node.right = top.left;
    top.left = node;
    refresh(node);
    refresh(top);
    return top;
  }
  function balance(node: N): N {
    const lean = heightOf(node.left) - heightOf(node.right);
    if (lean > 1) {
      const left = node.left!;
      if (heightOf(left.left) < heightOf(left.right)) node.left = rotateLeft(left);
      return rotateRight(node);
    }
    if (lean < -1) {
      const right = node.right!;
      if (heightOf(right.right) < heightOf(right.left)) node.right = rotateRight(right);
      return rotateLeft(node);
    }
    refresh(node);
    return node;
  }
  function insert(root: N | null, node: N): N {
    if (root === null) {
      node.left = node.right = null;
      refresh(node);
      return node;
    }
    if (compare(node, root) < 0) root.left = insert(root.left, node);
    else root.right = insert(root.right, node);
    return balance(root);
  }
  function first(node: N): N {
    let at = node;
    while (at.left !== null) at = at.left;
    return at;
  }
  function removeFirst(root: N): N | null {
    if (root.left === null) return root.right;
    root.left = removeFirst(root.left);
    return balance(root);
  }
  function remove(root: N, like: N): N | null {
    const order = compare(like, root);
    if (order < 0) {
      root.left = remove(root.left!, like);
      return balance(root);
    }
    if (order > 0) {
      root.right = remove(root.right!, like);
      return balance(root);
    }
    if (root.left === null) return root.right;
    if (root.right === null) return root.left;
    const next = first(root.right);
    const rest = removeFirst(root.right);
    next.left = root.left;
    next.right = rest;
    return balance(next);
  }
  return { insert, remove };
}

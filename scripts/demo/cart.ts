interface Item {
  readonly name: string;
  readonly price: number;
  readonly quantity: number;
}

/** Adds up the cart's items. */
export function total(items: readonly Item[]): number {
  return items.reduce((sum, item) => sum + item.price * item.quantity, 0);
}

/** Finds the dearest item; undefined for an empty cart. */
export function dearest(items: readonly Item[]): Item | undefined {
  
}

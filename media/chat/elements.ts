/** Small helpers to make elements. Text is always set as text. */

interface Properties {
  readonly class?: string;
  readonly text?: string;
  /** Said by screen readers; also shown as a tooltip on buttons. */
  readonly label?: string;
  readonly role?: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (properties.class !== undefined) made.className = properties.class;
  if (properties.text !== undefined) made.textContent = properties.text;
  if (properties.label !== undefined) made.setAttribute('aria-label', properties.label);
  if (properties.role !== undefined) made.setAttribute('role', properties.role);
  for (const [name, value] of Object.entries(properties.attributes ?? {})) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** A button whose name is its text, or its label where the text alone says too little. */
export function button(text: string, onClick: () => void, label?: string): HTMLButtonElement {
  const made = element('button', { class: 'button', text, ...(label === undefined ? {} : { label }) });
  made.type = 'button';
  if (label !== undefined) made.title = label;
  made.addEventListener('click', onClick);
  return made;
}

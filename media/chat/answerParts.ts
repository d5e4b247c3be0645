/** What an answer's code blocks and links can do. */
import { button, element } from './elements';
import { send } from './host';

/** Links never navigate by themselves: the editor asks first. */
export function decorateLinks(answer: ParentNode): void {
  for (const link of answer.querySelectorAll('a')) {
    const href = link.getAttribute('href');
    link.removeAttribute('href');
    if (href === null) continue;
    link.setAttribute('role', 'link');
    link.tabIndex = 0;
    link.title = href;
    const open = (event: Event): void => {
      event.preventDefault();
      send({ type: 'openLink', href });
    };
    link.addEventListener('click', open);
    link.addEventListener('keydown', (event) => event.key === 'Enter' && open(event));
  }
}

export interface CodeOptions {
  /** Whether the answer is complete; before, its last block may grow. */
  readonly finished: boolean;
  readonly mayWrite: boolean;
}

/** Gives each block of code its bar of buttons. */
export function decorateCode(answer: ParentNode, { finished, mayWrite }: CodeOptions): void {
  for (const [index, block] of [...answer.querySelectorAll('pre')].entries()) {
    const inner = block.querySelector('code');
    const code = (inner ?? block).textContent;
    const language = /\blanguage-(\S+)/.exec(inner?.className ?? '')?.[1] ?? '';
    const frame = element('figure', {
      class: 'code',
      label: `Code ${index + 1}${language && `, ${language}`}`,
    });
    const bar = element('div', { class: 'code-bar' }, element('span', { class: 'language', text: language }));
    const what = { code, language };
    if (finished) {
      bar.append(button('Copy', () => send({ type: 'copy', ...what }), 'Copy this code'));
      if (mayWrite) {
        bar.append(
          button('Insert', () => send({ type: 'insert', ...what }), 'Insert this code at the cursor'),
          button(
            'Apply',
            () => send({ type: 'apply', ...what }),
            'Show this code as a change of the open file',
          ),
          button('New File', () => send({ type: 'newFile', ...what }), 'Open this code as a new file'),
        );
      }
    }
    block.tabIndex = 0;
    block.replaceWith(frame);
    frame.append(bar, block);
  }
}

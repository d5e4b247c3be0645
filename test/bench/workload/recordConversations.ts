/** Conversations about files of this project, held with the real engine as the chat view does, for their lengths. */
import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { ChatSession } from '../../../src/assist/chat/chatSession';
import type { Engine, GenerateRequest } from '../../../src/inference/engine';
import type { Tokenizer } from '../../../src/inference/tokenizer/tokenizer';
import { ConversationLog, type RecordedConversation } from './conversationLog';

const LANGUAGES: Readonly<Record<string, string>> = {
  '.ts': 'typescript',
  '.mjs': 'javascript',
};
/** Files that are short enough for the context of a benchmark, with what people ask about such. */
const CONVERSATIONS: readonly { readonly file: string; readonly questions: readonly string[] }[] = [
  { file: 'src/completion/typingRhythm.ts', questions: ['/explain', 'Which inputs would break it?'] },
  { file: 'src/inference/random.ts', questions: ['/tests', 'Add a case for the smallest seed.'] },
  {
    file: 'src/inference/session/stopStrings.ts',
    questions: ['/review', 'Show the change.', 'Thanks. And /doc'],
  },
  { file: 'scripts/lib/arguments.mjs', questions: ['/refactor', '/translate to Python'] },
  {
    file: 'src/completion/endRules/brackets.ts',
    questions: ['What does it do with comments?', '/fix', '/tests'],
  },
  {
    file: 'src/assist/chat/systemPrompt.ts',
    questions: ['/write a paragraph about it', '/translate to German'],
  },
];
const LONGEST_ANSWER = 256;
const CONTEXT_TOKENS = 8192;

/** @param root of the project @param onDone after each conversation */
export async function recordConversations(
  engine: Engine,
  tokenizer: Tokenizer,
  root: string,
  onDone: (conversation: RecordedConversation) => void,
): Promise<readonly RecordedConversation[]> {
  const log = new ConversationLog(tokenizer);
  for (const { file, questions } of CONVERSATIONS) {
    const chat = sessionOf(noting(engine, log));
    const text = readFileSync(join(root, file), 'utf8');
    const languageId = LANGUAGES[extname(file)] ?? 'plaintext';
    for (const [at, question] of questions.entries()) {
      await chat.ask(question, at === 0 ? [{ kind: 'file', label: file, path: file, languageId, text }] : []);
      const turn = chat.conversation.turns.at(-1);
      if (turn?.state !== 'done') throw new Error(`“${question}” about ${file} ended as ${turn?.state}`);
    }
    log.endConversation(file);
    onDone(log.conversations.at(-1) as RecordedConversation);
  }
  return log.conversations;
}

function sessionOf(engine: Engine): ChatSession {
  let ids = 0;
  return new ChatSession(
    {
      engine: () => Promise.resolve(engine),
      contextTokens: () => CONTEXT_TOKENS,
      maxAnswerTokens: () => LONGEST_ANSWER,
      newId: () => String(ids++),
      wallClock: () => Date.now(),
      now: () => performance.now(),
    },
    { onChange: () => undefined, onText: () => undefined, onError: () => undefined },
  );
}

/** The engine, with what is asked of it written down. */
function noting(engine: Engine, log: ConversationLog): Engine {
  return {
    get capabilities() {
      return engine.capabilities;
    },
    get status() {
      return engine.status;
    },
    onStatus: (listener) => engine.onStatus(listener),
    start: () => engine.start(),
    ...(engine.countTokens !== undefined && { countTokens: engine.countTokens.bind(engine) }),
    dispose: () => engine.dispose(),
    async *generate(request: GenerateRequest, signal?: AbortSignal) {
      let [answer, generated] = ['', 0];
      try {
        for await (const event of engine.generate(request, signal)) {
          if (event.type === 'text') [answer, generated] = [answer + event.text, event.tokens];
          if (event.type === 'done') generated = event.stats.generatedTokens;
          yield event;
        }
      } finally {
        log.note(request, answer, generated);
      }
    },
  };
}

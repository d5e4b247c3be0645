/** Why there was no suggestion, in plain words: a sentence of what happened, one of what to do, and ways out. */
import { MAX_DOCUMENT_UNITS } from '../../completion/completer';
import type { ServiceStatus } from '../engineService';
import type { GateReason, ProviderAnswer } from '../requestGate';
import { duration } from '../units';
import { explainFailure, explainNotReady } from './explainEngine';
import type { LoggedRequest } from './completionLog';
import { ASK, COMPLETION_LOG, MODELS, setting, type Remedy } from './remedies';
import { COMMANDS } from '../commandIds';

export interface Explanation {
  /** A whole sentence. */
  readonly happened: string;
  /** A whole sentence. */
  readonly advice: string;
  /** The likeliest first. */
  readonly remedies: readonly Remedy[];
}

/** What is the case where somebody asks why. */
export interface WhyFacts {
  readonly languageId: string;
  /** Of the document, in UTF-16 units. */
  readonly length: number;
  readonly lengthLimit: number;
  readonly engine: ServiceStatus;
  /** `editor.inlineSuggest.enabled` for this document. */
  readonly ghostTextShown: boolean;
  /** Why a request made now would not get to the model; undefined where it would. */
  readonly gate: GateReason | undefined;
  /** How long the request here is being worked on, in milliseconds; undefined where there is none. */
  readonly pendingMs: number | undefined;
  /** The last request at this cursor. */
  readonly last: LoggedRequest | undefined;
  /** Something was typed, pasted or put in on this line. */
  readonly changedHere: boolean;
}

/** What holds now comes first, then what became of the last request, then why there was none. */
export function explain(facts: WhyFacts): Explanation {
  if (facts.gate !== undefined) return explainGate(facts.gate, facts);
  if (!facts.ghostTextShown) return HIDDEN;
  if (facts.pendingMs !== undefined) return explainPending(facts.pendingMs, facts.engine);
  if (facts.last !== undefined) return explainRequest(facts.last, facts);
  return explainSilence(facts);
}

const HIDDEN: Explanation = {
  happened: 'The editor does not show inline suggestions: “Editor: Inline Suggest: Enabled” is off.',
  advice: 'Switch that setting on.',
  remedies: [setting('editor.inlineSuggest.enabled')],
};

function explainPending(ms: number, engine: ServiceStatus): Explanation {
  if (engine.state === 'loading') return explainNotReady(engine);
  return {
    happened: `The model has been working on the suggestion here for ${duration(ms)}.`,
    advice: 'Wait a little longer; a smaller model or a shorter text before the cursor is quicker.',
    remedies: [MODELS, setting('qwenCoder.maxPrefixTokens')],
  };
}

function explainRequest(request: LoggedRequest, facts: WhyFacts): Explanation {
  const { answer, ms } = request;
  if (answer.kind === 'suggestion') {
    const lines = answer.text.split('\n').length;
    return {
      happened: `There was one: ${lines === 1 ? 'a line' : `${lines} lines`}, ${duration(ms)} after it was asked for.`,
      advice: 'It goes when something else is typed, the cursor moves or Esc is pressed; ask again.',
      remedies: [ASK, COMPLETION_LOG],
    };
  }
  return explainAnswer(answer, facts);
}

/** What became of a request that brought nothing. Every reason has its words. */
export function explainAnswer(
  answer: Exclude<ProviderAnswer, { kind: 'suggestion' }>,
  facts: WhyFacts,
): Explanation {
  switch (answer.reason) {
    case 'superseded':
      return {
        happened:
          'Something was typed before the model had answered, and a newer request took this one’s place.',
        advice: 'Pause for a moment, or ask again.',
        remedies: [ASK, setting('qwenCoder.debounceMs')],
      };
    case 'cancelled':
      return {
        happened:
          'The editor withdrew the request before the model had answered: something was typed, the cursor moved, or the focus went elsewhere.',
        advice: 'Wait a little longer, or ask again; a smaller model is quicker.',
        remedies: [ASK, MODELS, COMPLETION_LOG],
      };
    case 'empty':
      return {
        happened: 'The model had nothing to add here.',
        advice: 'Write a little more, such as a name or a comment of what is to come, and ask again.',
        remedies: [ASK, COMPLETION_LOG],
      };
    case 'breaks-syntax':
      return {
        happened: 'The document parses, and with what the model wrote it would not, so it was withheld.',
        advice: 'Type a little more and ask again.',
        remedies: [ASK, COMPLETION_LOG],
      };
    case 'unsure':
      return {
        happened: `The model had a suggestion, but took it for hardly right itself${answer.detail === undefined ? '' : ` (${answer.detail})`}, so it was withheld.`,
        advice: 'Asked by hand it is shown; or let suggestions that are less sure appear as well.',
        remedies: [ASK, setting('qwenCoder.minProbability')],
      };
    case 'only-repeats':
      return {
        happened: 'The model only repeated what stands before or after the cursor already.',
        advice: 'Write a little more, such as a name or a comment of what is to come, and ask again.',
        remedies: [ASK, COMPLETION_LOG],
      };
    case 'invalid-offset':
      return {
        happened: 'The cursor was inside a character, where nothing can be put in.',
        advice: 'Move it by one and ask again.',
        remedies: [ASK],
      };
    case 'disposed':
      return {
        happened: 'The model was being replaced by another one.',
        advice: 'Ask again.',
        remedies: [ASK],
      };
    case 'engine-not-ready':
      return explainNotReady(facts.engine);
    case 'engine-failed':
      return explainFailure(answer.error.toWire());
    default:
      return answer.reason === facts.gate || !LASTING.has(answer.reason)
        ? explainGate(answer.reason, facts)
        : noLonger(explainGate(answer.reason, facts));
  }
}

/** What keeps a request from the model. */
export function explainGate(reason: GateReason, facts: WhyFacts): Explanation {
  switch (reason) {
    case 'paused':
      return {
        happened: 'Suggestions are switched off.',
        advice: 'Switch them on.',
        remedies: [{ label: 'Switch On', command: COMMANDS.enable }, setting('qwenCoder.enable')],
      };
    case 'language-off':
      return {
        happened: `Suggestions are switched off for the language ${facts.languageId}.`,
        advice: 'Switch them on for it; in prose a small code model suggests little that is of use.',
        remedies: [
          { label: `Switch On for ${facts.languageId}`, command: COMMANDS.enableLanguage },
          setting('qwenCoder.languages'),
        ],
      };
    case 'not-a-code-document':
      return {
        happened: 'This is a view or an input field of the editor, not a document that code is written in.',
        advice: 'Ask in a file.',
        remedies: [],
      };
    case 'ignored-by-qwenignore':
      return {
        happened:
          'A .qwenignore of the workspace names this file, so that nothing is read or suggested in it.',
        advice: 'Take the line out of that file if you want suggestions here.',
        remedies: [
          { label: 'Find .qwenignore', command: 'workbench.action.quickOpen', arguments: ['.qwenignore'] },
        ],
      };
    case 'document-too-large':
      return explainLength(facts);
    case 'read-only':
      return {
        happened: 'This document cannot be written to.',
        advice: 'Save it under another name to go on in it.',
        remedies: [{ label: 'Save As…', command: 'workbench.action.files.saveAs' }],
      };
    case 'several-cursors':
      return {
        happened: 'There was more than one cursor, and a suggestion is made for one place only.',
        advice: 'Leave one cursor with Esc, or ask by hand for the first.',
        remedies: [ASK],
      };
    case 'in-word':
      return {
        happened: 'The cursor was inside a word, where what is put in would run into the rest of it.',
        advice: 'Go to the end of the word, or ask by hand.',
        remedies: [ASK],
      };
    case 'in-comment':
      return {
        happened: 'The cursor was in a comment, where nothing is suggested by the settings.',
        advice: 'Ask by hand, or change the setting.',
        remedies: [ASK, setting('qwenCoder.suggestInComments')],
      };
    case 'in-string':
      return {
        happened: 'The cursor was in a string, where nothing is suggested by the settings.',
        advice: 'Ask by hand, or change the setting.',
        remedies: [ASK, setting('qwenCoder.suggestInStrings')],
      };
    case 'disagrees-with-list':
      return {
        happened:
          'The editor’s list was open, and the model suggested something else than its selected entry.',
        advice: 'Close the list with Esc and ask again, or have it open less often.',
        remedies: [ASK, setting('editor.quickSuggestions')],
      };
  }
}

function explainLength({ length, lengthLimit }: WhyFacts): Explanation {
  const limit = `longer ones than ${count(lengthLimit)} get no suggestions, since the text is handed over at each key`;
  const happened = `This document has ${count(length)} characters; ${limit}.`;
  // With room to write on.
  const wanted = Math.min(MAX_DOCUMENT_UNITS, Math.ceil((length * 1.2) / 100_000) * 100_000);
  if (length > wanted) {
    return {
      happened,
      advice: `More than ${count(MAX_DOCUMENT_UNITS)} are not possible; split the file.`,
      remedies: [],
    };
  }
  return {
    happened,
    advice: 'Accept longer ones, if typing stays quick enough for you.',
    remedies: [
      { label: `Accept ${count(wanted)} Characters`, acceptCharacters: wanted },
      setting('qwenCoder.maxDocumentCharacters'),
    ],
  };
}

/** Nobody asked: as far as that can be known from outside of the editor. */
function explainSilence(facts: WhyFacts): Explanation {
  if (facts.engine.state === 'failed') return explainFailure(facts.engine.error);
  if (!facts.changedHere) {
    return {
      happened:
        'Nothing has been typed on this line, and only then the editor asks for suggestions by itself.',
      advice: 'Type, or ask by hand.',
      remedies: [ASK],
    };
  }
  return {
    happened:
      'The editor did not ask for a suggestion here: it asks after a typed key, not after pasting or a change by a command, and not while its list of completions or a snippet keeps it.',
    advice: 'Close the list with Esc, or ask by hand.',
    remedies: [ASK, setting('editor.quickSuggestions')],
  };
}

/** Reasons that hold until the person changes something, and that are known without a request. */
const LASTING: ReadonlySet<GateReason> = new Set([
  'paused',
  'language-off',
  'not-a-code-document',
  'ignored-by-qwenignore',
  'document-too-large',
  'read-only',
  'several-cursors',
]);

const noLonger = ({ happened }: Explanation): Explanation => ({
  happened: `At the last request: ${happened}`,
  advice: 'That is no longer so: ask again.',
  remedies: [ASK],
});

const count = (units: number): string => units.toLocaleString('en');

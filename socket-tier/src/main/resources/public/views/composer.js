import { byId } from '../dom.js';

const encoder = new TextEncoder();
const TALLEST_PX = 160;

/** The line one writes in. Enter sends, Shift+Enter breaks the line; each chat keeps its own draft. */
export function composerView({ send, typing, maxBytes }) {
  const box = byId('composer');
  const note = byId('composer-note');
  const drafts = new Map();
  let chatId = null;

  function fit() {
    box.style.height = 'auto';
    box.style.height = `${Math.min(box.scrollHeight, TALLEST_PX)}px`;
    box.style.overflowY = box.scrollHeight > TALLEST_PX ? 'auto' : 'hidden';
    byId('send').disabled = box.value.trim() === '';
  }

  /** The limit counts bytes of UTF-8; nobody wants to know before it is near. */
  function measure() {
    const over = encoder.encode(box.value).length - maxBytes();
    note.textContent = over > 0 ? `Too long by ${over.toLocaleString()} bytes.` : '';
    box.setAttribute('aria-invalid', String(over > 0));
    return over <= 0;
  }

  function submit() {
    const text = box.value.trim();
    if (!text || !measure()) return;
    box.value = '';
    drafts.delete(chatId);
    fit();
    send(text);
    box.focus();
  }

  box.addEventListener('input', () => {
    fit();
    measure();
    typing(box.value.trim() !== '');
  });
  box.addEventListener('keydown', (event) => {
    // While an input method composes, Enter chooses a word.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  byId('composer-form').addEventListener('submit', (event) => {
    event.preventDefault();
    submit();
  });

  return {
    show(newChatId) {
      if (chatId) drafts.set(chatId, box.value);
      chatId = newChatId;
      box.value = drafts.get(chatId) ?? '';
      fit();
      measure();
    },
    focus: () => box.focus({ preventScroll: true }),
    clear() {
      drafts.clear();
      chatId = null;
      box.value = '';
    },
  };
}

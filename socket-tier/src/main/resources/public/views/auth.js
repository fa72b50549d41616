import { byId, clearError, showError } from '../dom.js';

/** The page before anybody is signed in. Calls `signedIn` when a session stands. */
export function authView(session, signedIn) {
  const form = byId('auth-form');
  const field = (name) => form.elements.namedItem(name);
  let registering = false;

  function show(register) {
    registering = register;
    byId('auth-title').textContent = register ? 'Create your account' : 'Sign in to Parley';
    byId('auth-hint').textContent = register ? 'It takes a moment and no e-mail.' : 'Good to see you again.';
    byId('auth-question').textContent = register ? 'Been here before?' : 'New here?';
    byId('toggle-register').textContent = register ? 'Sign in instead' : 'Create an account';
    byId('sign-in').hidden = register;
    byId('register').hidden = !register;
    byId('display-name-field').hidden = !register;
    byId('username-rule').hidden = !register;
    byId('password-rule').hidden = !register;
    field('password').autocomplete = register ? 'new-password' : 'current-password';
    clearError();
  }

  byId('toggle-register').addEventListener('click', () => {
    show(!registering);
    field('username').focus();
  });

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    clearError();
    const username = field('username').value.trim().toLowerCase();
    const password = field('password').value;
    const wrong = check(username, password, registering);
    if (wrong) {
      showError(wrong.text, byId('auth-error'));
      field(wrong.field).focus();
      return;
    }
    const buttons = form.querySelectorAll('button');
    for (const button of buttons) button.disabled = true;
    form.setAttribute('aria-busy', 'true');
    try {
      if (registering) await session.register(username, password, field('displayName').value.trim() || username);
      else await session.signIn(username, password);
      form.reset();
      await signedIn();
    } catch (error) {
      showError(error, byId('auth-error'));
      field('password').focus();
      field('password').select();
    } finally {
      for (const button of buttons) button.disabled = false;
      form.removeAttribute('aria-busy');
    }
  });

  return {
    open(notice) {
      document.title = 'Parley';
      byId('app').hidden = true;
      byId('auth').hidden = false;
      show(false);
      field('username').focus();
      if (notice) showError(notice, byId('auth-error'));
    },
    close() {
      clearError();
      byId('auth').hidden = true;
      byId('app').hidden = false;
    },
  };
}

function check(username, password, registering) {
  if (!username) return { field: 'username', text: 'Please enter your user name.' };
  if (!password) return { field: 'password', text: 'Please enter your password.' };
  if (!registering) return null;
  if (!/^[a-z0-9_.-]{3,32}$/.test(username)) {
    return { field: 'username', text: 'A user name has 3 to 32 of the characters a–z, 0–9, _ . and -' };
  }
  if (password.length < 8) return { field: 'password', text: 'A password has at least 8 characters.' };
  return null;
}

// The access token, for as long as the tab is open.
const KEY = 'campusgraph token';

export const keptToken = (): string => sessionStorage.getItem(KEY) ?? '';

export function keepToken(token: string): void {
  if (token) sessionStorage.setItem(KEY, token);
  else sessionStorage.removeItem(KEY);
}

// What a request says of who asks: the token; without one, the browser says by its cookie who has signed in.
export const credentials = (token: string): Record<string, string> =>
  token ? { Authorization: `Bearer ${token}` } : {};

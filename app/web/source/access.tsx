// Who asks: the token's field, and what comes of it.
import { useEffect, useState, type FormEvent } from 'react';
import { viewer, type Person } from './fetching';

// Nobody yet, or who asks, or why that can't be told.
export type Asker = { person: Person | null } | { problem: string } | null;

export function useAsker(token: string): Asker {
  const [told, setTold] = useState<{ token: string; asker: Asker }>({ token, asker: null });
  useEffect(() => {
    let isCurrent = true;
    const tell = (asker: Asker) => isCurrent && setTold({ token, asker });
    viewer(token).then(
      (person) => tell({ person }),
      (error: Error) => tell({ problem: error.message }),
    );
    return () => {
      isCurrent = false;
    };
  }, [token]);
  return told.token === token ? told.asker : null; // what is told of another token is no news
}

export const isSomebody = (asker: Asker): boolean => asker !== null && 'person' in asker && asker.person !== null;

interface Props {
  asker: Asker;
  token: string;
  onToken(token: string): void;
}

export function Access({ asker, token, onToken }: Props) {
  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    onToken(String(new FormData(event.currentTarget).get('token')).trim());
  }

  return (
    <header className="access">
      <a href="/">campusgraph</a>
      <span role="status">
        <Said asker={asker} hasToken={token !== ''} />
      </span>
      <form onSubmit={submit}>
        <label htmlFor="token">Access token</label>
        <input id="token" name="token" type="password" autoComplete="off" placeholder="cgp_…" defaultValue={token} />
        <button type="submit">Use</button>
      </form>
    </header>
  );
}

function Said({ asker, hasToken }: { asker: Asker; hasToken: boolean }) {
  if (asker === null) return null;
  if ('problem' in asker) return <>{asker.problem}</>;
  if (asker.person === null) {
    return (
      <>
        Nobody is signed in: <a href="/login?next=/graphql">sign in</a>, or give a token.
      </>
    );
  }
  const { username } = asker.person;
  return hasToken ? <>With a token of {username}</> : <>Signed in as {username}</>;
}

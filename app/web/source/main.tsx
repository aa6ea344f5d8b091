import './style';
import './workers';
import { createRoot } from 'react-dom/client';
import { Explorer } from './explorer';

createRoot(document.getElementById('page')!).render(<Explorer />);

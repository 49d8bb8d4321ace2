import load from 'words:common,gallery';
import '../style/base.css';
import '../style/prose.css';
import '../lamp/lamp.css';
import '../style/public.css';
import { where } from '../base/where';
import { hear } from './hear';
import { follow } from './live';
import { renew } from './renew';
import { localise } from './times';

/** Running meetings open and close; the schedule asks again now and then. */
const AGAIN_MS = 30_000;

void hear(load).then(() => {
  localise(document);
  const at = where(location);
  if (at.page === 'meeting') {
    follow(at.meeting, document);
    if (document.querySelector('.signed')) {
      void import('./check').then(({ checkSignatures }) => checkSignatures(at.meeting));
    }
  }
  if (document.querySelector('#schedule')) setInterval(() => void renew('schedule'), AGAIN_MS);
});

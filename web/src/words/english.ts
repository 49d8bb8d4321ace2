/** For the tests: English, whole, before any of them runs. */

import load from 'words:aside,booth,channels,check,common,convene,convener,desk,documents,duties,findings,gallery,house,plan,reach,readouts,record,recordings,roles,room,secret,stage,typed';
import { speakIn } from './speak';

speakIn('en', (await load.en()).default);

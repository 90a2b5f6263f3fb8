// The one entry: everything else is imported from here, so that each module exists once.

import * as act from "./act.js";
import * as board from "./board.js";
import * as casePage from "./case.js";
import * as connections from "./connections.js";
import * as dialog from "./dialog.js";
import * as draft from "./draft.js";
import * as flag from "./flag.js";
import * as keys from "./keys.js";
import * as live from "./live.js";
import * as menus from "./menus.js";
import * as narrow from "./narrow.js";
import * as theme from "./theme.js";
import * as time from "./time.js";
import * as toasts from "./toasts.js";

for (const part of [time, toasts, theme, menus, dialog, act, keys, flag, draft, board, casePage, connections, narrow, live]) part.start();

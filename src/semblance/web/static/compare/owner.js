// The owner's check: the workbench without marks, checklist or draft. What is answered is in the form beside it.

import { loadPhotos, openWorkbench } from "./workbench.js";
import { Marks } from "./marks.js";
import { openView } from "./view.js";

const page = document.querySelector(".comparison");
loadPhotos(page, openWorkbench(page, { view: openView(""), marks: new Marks([]), closed: true, changed() {} }));

// The owner's check: the bench without marks, checklist or draft. What is answered is in the form beside it.

import { loadPhotos, openBench } from "./bench.js";
import { Marks } from "./marks.js";
import { openView } from "./view.js";

const page = document.querySelector(".comparison");
loadPhotos(page, openBench(page, { view: openView(""), marks: new Marks([]), closed: true, changed() {} }));

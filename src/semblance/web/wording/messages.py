"""The sentences that come from below the pages, as patterns with ``{holes}``; ``below`` matches and translates them.

A hole called fault or meaning holds a sentence of this list itself; purpose, state, kind, mode, role and field hold
values of the store.
"""

from typing import Final

from semblance.web.wording.language import N_

_REFUSALS: Final = (
    N_("the authorisation of this probe was {state}"),
    N_("the search must be authorised by a {roles} before it is made"),
    N_("the time in which the search had to be authorised is over"),
    N_("searches for this purpose are authorised by a {roles}"),
    N_("nobody authorises their own search; another person must"),
    N_("the case names neither an offence nor a missing or unidentified person"),
    N_("the policy allows no search for {purpose}, only for: {purposes}"),
    N_("the policy allows no search for {purpose}"),
    N_("the case does not say its {field}, which a {purpose} case needs"),
    N_("the {field} of the case {fault}"),
    N_("the authority {authority} is not admitted to act on this node"),
    N_("the token that was used does not allow {action}"),
    N_("the policy of this node allows nobody to do {action}"),
    N_("{action} needs the role {roles}, which {person} does not hold now"),
    N_("{action} is not possible while the record is {state}"),
    N_("{action} is for the people of {authority}, the authority that owns it"),
    N_("what is asked for is not open to this authority"),
    N_("this node is not used for the purpose '{purpose}', only for: {purposes}"),
    N_(
        "reason '{reason}' does not say why: write at least two words and {least} characters about why this search is needed"
    ),
    N_("{field} {fault}: say {meaning}"),
    N_("who searches"),
    N_("the case that the search belongs to"),
    N_("the purpose of the search"),
    N_("why this search is needed"),
    N_("purpose '{purpose}' is not one of: {purposes}"),
    N_("the reason {fault}"),
    N_("no conclusion was chosen"),
    N_("say on what grounds nothing can be concluded"),
    N_("say in a sentence what the conclusion rests on"),
    N_("a potential candidate needs the whole checklist; {n} components are missing, first: {component}"),
    N_("a potential candidate needs {n} components that correspond"),
    N_("{component} differs; its note must say why that does not exclude the candidate"),
    N_("marks are numbered 1 to {most}, each number once"),
    N_("the note on {component} {fault}"),
    N_("{component} names the mark {number}, which is on neither photo"),
    N_("{action} is for the people of the authority that searched"),
    N_("the policy changed"),
    N_(
        "{authority} has made the {n} searches a day that the policy allows it for {purpose}; the count begins anew at "
        "midnight UTC"
    ),
    N_("the case is {state}; searches are made in open cases only"),
    N_("the probe is in a case of another authority"),
    N_("the account {account} of {issuer} is linked with nobody here; an administrator can link it"),
    N_("the account on this node is disabled or locked; ask an administrator"),
    N_("{action} is for the people of the authority that the case is of"),
    N_(
        "the name, the password or the code is not right, or the account waits after wrong tries: after the fifth it "
        "takes a minute, then longer; ask an administrator where it stays so"
    ),
    N_("there is no account with a password under this name"),
    N_("the account is disabled, or locked after wrong codes"),
    N_("the account waits after wrong tries"),
    N_("the password was wrong"),
    N_("wrong code number {n}"),
    N_("wrong code number {n}; the account is locked now"),
    N_("somebody changed the account meanwhile"),
    N_("the code of the second factor was missing"),
    N_(
        "a record that is political, military, religious or racial in character is not published (Constitution of "
        "INTERPOL, article 3)"
    ),
    N_("a token cannot make tokens; sign in with the password to make one"),
)

_PHOTOS: Final = (
    N_("the eyes are {measured} pixels apart; {needed:g} are needed"),
    N_("the head is turned sideways by about {measured} degrees; {allowed} are allowed"),
    N_("the head is tilted up or down by about {measured} degrees; {allowed} are allowed"),
    N_("{fault} ({measure} is {measured}; {needed} is needed)"),
    N_("the face is blurred; take a sharper photo or a less processed copy"),
    N_("parts of the face are too dark to see; use a photo with more light on the face"),
    N_("parts of the face are burnt out to white; use a photo with less light on the face"),
    N_("the face has hardly any contrast; use a photo with clear tones"),
    N_("the photo was compressed so strongly that features are lost; use the original file"),
    N_("the face is cut off, or nearly, at the left edge of the photo"),
    N_("the face is cut off, or nearly, at the right edge of the photo"),
    N_("the face is cut off, or nearly, at the lower edge of the photo"),
    N_("the face is cut off, or nearly, at the upper edge of the photo"),
    N_("the photo as a whole is too poor to be compared reliably; use a better one"),
    N_("no face was found in the photo; use one that shows the face larger, or from the front"),
    N_("choose one of the faces that were found"),
    N_("{n} faces were found; choose one of them"),
    N_("the same photo already stands under this subject as {name}"),
    N_("the same photo stands under record {number} of {authority}"),
    N_("the same photo stands under more records"),
    N_("its record stays a draft until it says: {fields} (a {kind} needs that)"),
    N_("{name} was erased during the enrolment; enrol it again if that is wanted"),
    N_("The photo has no face {number}; its faces are numbered 0 to {last}."),
    N_("The photo has no face {number}: no face was found in it."),
    N_("The photo has no face {number}."),
    N_("{name} has no face {number}; it has the faces 0 to {last}."),
    N_("{name} does not wait for a face to be chosen: it is {state}."),
    N_("No face of this photo is a reference."),
    N_("The pack '{pack}' finds no face where the chosen one lies in {name}; submit the photo again."),
    N_("{name} says that it is {width} x {height} pixels, which is no photo: get the file again from where it came."),
    N_("{name} has {width} x {height} pixels ({size}); at most {most} are read: make it smaller and try again."),
    N_(
        "{name} is a kind of {format} that Semblance does not read ({variant}): export it as an ordinary 8-bit JPEG or "
        "PNG and try again."
    ),
    N_("{name} needs more memory than there is: make it smaller and try again."),
    N_("{name} would unpack to far more pixels than the {most} that are read at most: make it smaller and try again."),
    N_(
        "{name} starts as {format} but is damaged or incomplete ({why}): get the file again from where it came, or "
        "export it anew."
    ),
    N_("The upload has {size} MB; {allowed} MB are allowed. Hand in a smaller file."),
)

_FAULTS: Final = (
    N_("is missing"),
    N_("has {n} characters, more than {most}"),
    N_("contains characters that cannot be printed"),
    N_("{fault}; write it anew"),
    N_("{code} is no code of an authority: write a country code such as FR, or FR-PP for a body in it"),
    N_("say which authority handed the image in"),
    N_("say how the image was obtained, in up to 500 characters"),
    N_("{day} lies in the future; give the day on which it was obtained"),
    N_("{day} lies before there were photos"),
    N_("{text} is no date; write 1970-05-17, 1970-05 or 1970"),
    N_("{text} is no day of the calendar"),
    N_("is missing; cite the law or decision that allows the record to be held"),
    N_("{day} is not in the future; give the last day on which it may be held"),
    N_("names no authority; say which ones for '{mode}'"),
    N_("{fault}; give the number under which the owner holds the record"),
    N_("the subject has no name"),
    N_("the subject's name has {n} characters; {most} are allowed"),
    N_("the subject's name {text} contains characters that cannot be printed"),
    N_("is missing; a {kind} needs {fields:or}"),
    N_("has {n} entries; {most} are allowed"),
    N_("is empty; leave the field out instead"),
    N_("'{text}' is no country code; write two capital letters (ISO 3166-1), such as FR"),
    N_("{number} cannot be meant; give centimetres or kilograms"),
    N_("{text} lies in the future"),
    N_("{text} lies too long ago"),
    N_("no record says this of anybody; leave it out"),
    N_("there is no such field"),
    N_("there is no such field; is {field} meant?"),
    N_("it does not say who asks; give their name and where they are answered"),
    N_("who asks {fault}"),
    N_("whom it is about {fault}"),
    N_("what is asked {fault}"),
    N_("it names neither a record nor whom it is about; say one of the two"),
    N_("a {kind} says what is wrong; write it down"),
    N_("it names {n} records; {most} are allowed"),
    N_("{day} lies in the future; give the day on which it came in"),
    N_("{day} is more than a year ago; give the day on which it came in"),
    N_("{field} is not kept back without the law that allows it; cite that law"),
    N_("the law for keeping back {field} {fault}"),
    N_("{field} is named twice"),
)

_RECORDS: Final = (
    N_("A record is a JSON object; nothing was changed."),
    N_("The record cannot be taken: {faults}. Nothing was changed."),
    N_("There is no record {number} here, or it is not open to you; `semblance record list` lists them."),
    N_("There is no photo {number} here, or it is not open to you."),
    N_("{authority} holds a record '{number}' already; edit that one, or number anew."),
    N_(
        "Somebody changed the record since: it is at version {now}, and you had version {before}. Open it again, and "
        "make your change in what stands there now."
    ),
    N_("A record keeps its number '{number}'; make a new record for another number."),
    N_("{authority} holds a record '{number}'; erase that record, and its outcomes go with it."),
    N_("Nothing is held under '{number}'; `semblance record list` lists the records."),
    N_("The record after which this page begins is not in the list any more; begin at its first page."),
    N_("The reason {fault}; write it anew."),
    N_("An erasure says why it is made; give the reason."),
    N_("Handing data out is a disclosure; say why it is made."),
    N_("Say what the answer is."),
    N_("Say why an older copy of the store is taken."),
    N_("Say why the account is changed."),
    N_("Say why the authority is admitted or excluded."),
    N_("Say why the case is closed."),
    N_("Say why the node key is rotated."),
    N_("Say why the policy is replaced."),
    N_("Say why the record is changed."),
    N_("Say why the record is made."),
    N_("Say why the request is declined, and which law allows that."),
    N_("Say why the search is authorised."),
    N_("Say why the search is not authorised."),
    N_("Say why: every change of a record has a reason."),
)

_REQUESTS: Final = (
    N_("The request cannot be taken: {faults}. Nothing was changed."),
    N_("What is to be withheld cannot be taken: {faults}. Nothing was changed."),
    N_("This is a request for {kind}; a file of what is held answers requests for access."),
    N_("The request was {state}; take in a new one where somebody asks again."),
    N_("The request names no record. Say which with `semblance request link`, or decline it."),
    N_(
        "The file of what is held was not made yet. Make it with `semblance request access-file`, hand it out, and "
        "answer then."
    ),
    N_(
        "Record '{number}' was not changed since the request was linked to it. Its owner edits it first; then answer, or decline the request."
    ),
    N_("That record is blocked because of this dispute; answer or decline it, which decides that."),
    N_("A request is about one person: {most} records are allowed."),
    N_("There is no request {number} here; `semblance request list` lists them."),
    N_("The request was decided already: {state} by {person}. Nothing was changed."),
    N_("The request was decided already: {state}. Nothing was changed."),
)

_CASES: Final = (
    N_("There is no authorisation {number}; `semblance authorisation list` lists them."),
    N_("There is no probe {number}, or it has expired; submit the photo again."),
    N_("There is no search {number} of your authority."),
    N_("There is no case {number} of your authority; `semblance case list` lists them."),
    N_("This was decided already: {state} by {person}. Nothing was changed."),
    N_("This was decided already: {state}. Nothing was changed."),
    N_("The time in which the search had to be authorised is over; what was found is erased."),
    N_("{authority} has a case '{number}' already; work in that one, or number anew."),
    N_("The case {number} is not open any more; nothing was changed."),
    N_("The case {number} is {state}; probes are handed in in open cases only."),
    N_("This policy is in force already; nothing was changed."),
)

_PEOPLE: Final = (
    N_("has {n} characters; at least {least} are needed, and any may be used"),
    N_("has {n} characters; at most {most} are taken"),
    N_("contains the login name; choose another"),
    N_("repeats a few characters; choose another"),
    N_("is one of those that everybody tries first; choose another"),
    N_("{name} is no login name: write 2 to 64 small letters, digits, dots, hyphens or underscores"),
    N_("{name} is what the ledger calls somebody else; choose another name"),
    N_("ended on {day}"),
    N_("no training is recorded"),
    N_("the training is only on {day}"),
    N_("the training of {day} is older than {n} years"),
    N_("{day} has passed; name the last day on which the role shall be in force"),
    N_("{day} is more than five years away; give the role for five years at most"),
    N_("{day} has passed; name a day to come"),
    N_("{day} is more than a year away; a token lasts a year at most"),
    N_("Choose a password of your own first: the present one was chosen by somebody else."),
    N_("Set up the second factor first: this node asks for one."),
    N_("The new password was not typed the same twice. Type it again."),
    N_("The new password {fault}."),
    N_("The new password is the old one; choose another."),
    N_("The password {fault}."),
    N_("The present password is not right, or the account waits after wrong tries; nothing was changed. Check it."),
    N_("This node requires a second factor; replace it by another instead."),
    N_("An API token cannot change an account. Sign in with the password."),
    N_("No second factor waits to be confirmed. Begin anew on the account page."),
    N_("That is not the code that the app shows now. Check the phone's clock, and try again."),
    N_("The token's last day is missing or no day; write it as 2027-01-31."),
    N_("The role's last day is missing or no day; write it as 2027-01-31."),
    N_("The day of the training is missing or no day; write it as 2027-01-31."),
    N_("The token's label {fault}; write it anew."),
    N_("A token needs a label; say what it is for."),
    N_("A token needs a scope; name the acts that it shall allow."),
    N_("The token's end, {fault}."),
    N_("There is no such token; `semblance token list` shows yours with their ids."),
    N_("Nobody here is called '{name}'; `semblance people list` names everybody."),
    N_("Somebody is called '{name}' here already; choose another login name."),
    N_("The training day {day} is to come; note it when the training has been."),
    N_("The day {fault}."),
    N_("The last day of {role}, {fault}."),
    N_("{name} was not given the role {role}; `semblance people list` shows the roles."),
    N_("No such role; choose one of the list."),
    N_("A link needs the provider's issuer and the account's subject (`sub`); name both."),
    N_("That account is linked with {name} already; unlink it there first."),
    N_("There is an administrator on this node already. Sign in as one, and add people with `semblance people add`."),
    N_("The authority {authority} is not admitted here; name another with --authority."),
    N_("No authority {authority} is registered here; `semblance authority list` names those that are."),
    N_("The authority {authority} is registered already; choose another code."),
    N_("The authority's {field} {fault}; write it anew."),
    N_("An authority needs a name; write what it is called."),
    N_("The authority's public key is not one. {why}"),
    N_("This sign-in was not begun here, is used already, or took too long. Begin it anew."),
    N_("Nobody is signed in here, or the session has ended. Sign in again."),
    N_("Nobody is signed in. Sign in first, or send an API token as `Authorization: Bearer TOKEN`."),
    N_("The header Authorization must be `Bearer` and an API token; nothing else is taken."),
    N_("This token is not taken: it is unknown, or was revoked. `semblance token make` makes one."),
    N_("This token ended on {day}. `semblance token make` makes another."),
    N_("No provider is set on this node; sign in with name and password."),
    N_("The provider does not say whom it let in. Tell an administrator."),
    N_("The provider calls itself by another issuer than `oidc.issuer`. Mend the setting."),
    N_("The provider answered {status} where it was asked. Begin the sign-in anew."),
    N_("The provider's answer is not readable. Tell an administrator."),
    N_("What came back belongs to no sign-in that this browser began. Begin it anew."),
    N_("The provider did not let you in ('{why}'). Begin anew."),
    N_(
        "What the provider says of you does not verify ({why}). Begin the sign-in anew; if it stays, tell an "
        "administrator."
    ),
    N_("The provider does not answer ({why}). Try again in a moment."),
)

_WORKBENCH: Final = (
    N_("the examination is concluded; nothing more is asked of anybody"),
    N_("{person} has looked at these candidates already; another person must"),
    N_("as many people as are needed are looking at these candidates already"),
    N_("{n} of {all} candidates were not looked at, first: {candidate}; look at every one"),
    N_("what was begun on {candidate} has no recorded opinion; record it first"),
    N_("A lead needs two concordant opinions of two different people; nothing was concluded."),
    N_("the lead was {state} already; nothing was changed"),
    N_("{person} searched or examined here; another person must check the lead"),
    N_("say why the lead is confirmed or refuted"),
    N_("nothing is released of a record that the lead is not about"),
    N_("say to which authority the fields are released"),
    N_("say which fields are released, or name no authority"),
    N_("Nobody is at least {least} and at most {most} years old; swap the ages."),
    N_("Records whose sex is not known are always searched; choose female or male, or neither."),
    N_("'{country}' is no country code; write two capital letters (ISO 3166-1), such as FR."),
    N_("An age of {age} years cannot be meant; give 0 to {most}, or leave it open."),
    N_("The step {step} has no usable number for {name}; give one from {least:g} to {most:g}."),
    N_("The step {step} has {value:g} for {name}; {least:g} to {most:g} are allowed."),
    N_("The step deinterlace keeps '{lines}'; say upper or lower."),
    N_("The step straighten has both eyes in one place; mark two eyes."),
    N_("The list of steps is too long to be meant; take steps away."),
    N_("The steps are no list; begin again with the original."),
    N_("There are {n} steps; {most} are allowed. Take steps away."),
    N_("Step {n} is none that is known; use {names}."),
    N_("Step {n}, {step}, needs {names} and nothing else."),
    N_("The list of steps is not valid JSON; begin again with the original."),
    N_("Step {n}, deinterlace, keeps upper or lower lines and nothing else."),
    N_("Step {n}: {fault}"),
    N_("nobody suspends themselves; another supervisor must"),
    N_("There is nobody of the name {person} in your authority."),
    N_("No notice {notice} was given up; `semblance notices list` names those that were."),
    N_("{person} is no examiner now; nothing was changed."),
    N_(
        "The gallery changed by {share:.0%} or more while it was calibrated, so that its trials are of no one gallery; they were dropped. Calibrate again when fewer people enrol."
    ),
    N_("the policy of this node allows no searches for {purpose}"),
    N_(
        "A calibration needs at least {n} trials, each of somebody else; the gallery opens {people} people to "
        "{authority}. Enrol more first. Nothing was stored."
    ),
    N_("a search for {purpose} does not look among records of {kinds}"),
    N_("{fault} (for {name}, which was to be searched together)"),
    N_("There is no lead {lead} on a record of your authority."),
    N_("This photo is not held any more: its time was over, or its record was erased."),
    N_("a lead is checked by the authority that owns the record"),
    N_("The record was erased meanwhile, so that there is nothing left to check."),
    N_("What this search found was erased when its time was over."),
    N_("{name} has no prepared version {version}; prepare it again."),
    N_("{n} photos were named; at most {most} are searched together."),
    N_("A photo was named twice; each counts once, with one face of it."),
    N_("{name} is in another case; only photos of one case are searched together."),
    N_("The probe was deleted when its time was over; nobody can form an opinion on it any more."),
    N_("The record of {candidate} was erased or closed to you since; it counts as looked at."),
    N_("The photo of {candidate} is not held any more."),
    N_("There is no candidate {candidate} in this examination."),
    N_("The candidates are still examined; a report is made when all have closed."),
    N_("What this search found was erased when its time was over; there is nothing to report."),
    N_("The examination has ended meanwhile; nothing was changed."),
    N_("What this search found was erased when its time was over; nothing can be written of it."),
    N_("What this search found was erased when its time was over; there is nothing left to close."),
    N_("No step was taken; the original can be searched as it is."),
    N_("The probe has no such prepared version."),
    N_("The prepared version has no face {n}."),
    N_("The case {number} is {state}; probes are prepared in open cases only."),
    N_("There is no such candidate, or it is still examined."),
    N_("The candidates are still examined; what people thought of them is shown when all have closed."),
    N_("There is no examination {examination} of your authority."),
    N_("What this search found was erased when its time was over; there is nothing left to examine."),
    N_("You have not begun to examine these candidates; begin on the page of examinations."),
    N_("You have closed this examination; your opinions stand as they are. Nothing was changed."),
    N_("The case {number} is {state}; candidates are examined in open cases only."),
)

_NODE: Final = (
    N_(
        "The gallery's templates were made by the pack '{old}' ({digest}), and this program uses '{new}' ({other}); their scores cannot be compared. If the pack was switched, start the program anew; or else switch back with `semblance models use {name}`, or make templates of the other pack, too, with `semblance models migrate {pack}`."
    ),
    N_(
        "The gallery's templates need about {size:.1f} GB of memory, and {other:.1f} GB are free on this machine. Stop other programs, or give the machine more memory; nothing was searched."
    ),
    N_("The gallery no longer holds the reference {reference}; search again."),
    N_(
        "The index at {place} does not answer as it should ({why}). Check that Milvus runs and can be reached; the "
        "store is as it was, and nothing was searched."
    ),
    N_(
        "The index at {place} still finds what was removed from it. Remove its collections and search again; they are "
        "filled anew from the store."
    ),
    N_("The ledger has no entry {number}; it has {n}, counted from 0."),
    N_("The ledger never had {older} entries; it has {n}. Name 1 to that many."),
    N_("The ledger is empty; there is nothing to hand out or to prove yet."),
    N_("Entry {number} of the ledger is missing; it was removed by hand."),
    N_("Entry {number} of the ledger, or a hash over it, was changed by hand."),
    N_("Entry {number} of the ledger says that it is number {other}: entries were removed, added or moved."),
    N_("A ledger entry has no number; the ledger was changed by hand."),
    N_("A ledger entry is not readable; the ledger was changed by hand."),
    N_("A checkpoint was signed over {signed} entries, and {n} are here."),
    N_("The ledger holds hashes that belong to no entry; they were added by hand."),
    N_("Only {signed} of the {n} entries are signed; the others were appended by hand."),
    N_("What the ledger holds was changed by hand: something in it is of another type."),
    N_("The ledger's numbers were changed by hand: one of them is no number any more."),
    N_("A hash of the ledger is missing; the ledger was changed by hand."),
    N_("The {n} entries do not give the head that was signed: at least one of them was changed."),
    N_(
        "This node signed a ledger of {signed} entries, and the store holds {n} or other ones: an older copy of the "
        "database was restored, or somebody changed it. Put the right database back; if the older copy is meant, say "
        "so with `semblance ledger accept-restored`, which is recorded."
    ),
    N_("What is asked for was erased: its key was destroyed, and no copy of it can be read."),
    N_("What is held in {place} was changed or moved by hand; restore it from a copy."),
    N_("The store {place} is being written by another program; try again in a moment."),
    N_("Another program has just written the same to the store {place}; do it again."),
    N_("The database server of {place} does not answer ({why}); check that it runs."),
    N_("The store {place} is damaged; restore it from a copy."),
    N_("The store {place} may not be written; check the permissions of the file and its folder."),
    N_(
        "There is no room left for the store {place} ({why}); nothing of the act in hand was written. Make room and do "
        "the same again: what is already stored is not done twice."
    ),
    N_("This node answers to this machine's own names only: localhost or 127.0.0.1."),
    N_("The address holds a NUL character, which nothing here is called by."),
    N_("The request came from a page of another site. Open the node's own page and retry."),
    N_("The request does not say how long it is. Send it with a Content-Length."),
)

_STEPS: Final = (
    N_("crop to {width} × {height} pixels from ({left}, {top})"),  # noqa: RUF001
    N_("turn by {degrees}°"),
    N_("mirror"),
    N_("exposure {stops} stops"),
    N_("contrast by {factor}"),
    N_("sharpen by {amount} at {radius} pixels"),
    N_("de-interlace, upper lines kept"),
    N_("de-interlace, lower lines kept"),
    N_("straighten by the eyes: turn by {degrees}°"),
)
"""What ``terms.preparation`` calls the steps of a prepared probe."""

SENTENCES: Final = (
    *_STEPS,
    *_WORKBENCH,
    *_REFUSALS,
    *_PHOTOS,
    *_FAULTS,
    *_RECORDS,
    *_REQUESTS,
    *_CASES,
    *_PEOPLE,
    *_NODE,
)
"""Every sentence, as it is written below."""

REASONS: Final = (
    N_("a search"),
    N_("a list of records"),
    N_("a list of records, narrowed"),
    N_("a list of searches"),
    N_("a list of cases"),
    N_("a list of authorisations"),
    N_("the last {n} days"),
    N_("taken in with its photos"),
    N_("the ledger {name} over {n} entries"),
    N_("An administrator was made by whoever holds the node's folder."),
    N_("This node holds samples and nothing else."),
    N_("{n} keys were doomed by an erasure and not destroyed yet"),
    N_("{authority} is reminded of {n} records that end until {day}"),
    N_("the deadline of {n} requests has passed"),
    N_("the time to account for its answer is over"),
    N_("{n} entries, none changed, removed, moved or added"),
)
"""The reasons that the node gives for what it does by itself; all others were typed by people, and stay as they are."""

CHANGES: Final = (
    N_("neutral, answered by {person} of {authority}"),
    N_("not neutral, answered by {person} of {authority}"),
    N_("only {authorities}"),
    N_("except {authorities}"),
)
"""What a version of a record says of its answer and of its restriction."""

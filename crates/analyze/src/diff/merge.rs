//! The two readings in step.

use super::held::{Held, HeldKey, HeldRecord, Pair, State, Which, taken};
use super::options::DiffOptions;
use super::order::{Order, check_order};
use super::parts::{Parts, PartsReader, RecordPart};
use super::report::{Counts, DiffError, DiffReport, Found, Reopen, SideReport};
use super::side::Side;
use super::spilled::Spilled;
use crate::about::About;
use crate::compare::{Change, Comparer, ObjectChange};
use crate::drivers::{Fold as _, Problems};
use snapscope_archive::Blocks;
use snapscope_decode::Kind;
use snapscope_decode::stream::Section;
use snapscope_objects::kind::{KindId, ObjectKind};
use snapscope_objects::kinds;
use snapscope_objects::row::Row;
use std::cmp::Ordering;
use std::io;
use std::rc::Rc;

/// A record with at least this number of objects may need more memory than all that is held.
const MANY: usize = 1_000;

/// The position of a section's record in its file.
type Position = (Section, Vec<u8>);

/// The position up to which a side can be compared.
enum Reach {
    /// As far as it goes.
    Whole,
    /// It is damaged: records after this position may be lost.
    UpTo(Option<Position>),
}

/// The report about an object.
enum Judged {
    /// None: only one of its states is known.
    Open,
    /// It differs, and is passed on.
    Shown,
    /// Final.
    Settled,
}

/// What is known about the order of both files.
enum Known {
    /// Nothing; it is checked when too much is held.
    NotYet,
    /// Nothing, and they can't be read again.
    Never,
    Checked(Order),
}

/// A running comparison.
pub(super) struct Merge<'m> {
    options: &'m DiffOptions,
    comparer: &'m Comparer,
    each: &'m mut dyn FnMut(Found<'_>) -> io::Result<()>,
    parts: PartsReader,
    held: Held,
    /// Objects that were moved to disk; their counterparts go there, too.
    spilled: Option<Spilled>,
    /// Steps of both readings so far.
    step: u64,
    known: Known,
    problems: [Problems; 2],
    abouts: [About; 2],
    reach: [Reach; 2],
    counts: Vec<Counts>,
    out_of_order: Vec<u64>,
}

impl<'m> Merge<'m> {
    pub(super) fn new(
        options: &'m DiffOptions,
        comparer: &'m Comparer,
        each: &'m mut dyn FnMut(Found<'_>) -> io::Result<()>,
    ) -> Self {
        let is_compared = |kind: &ObjectKind| options.kinds.iter().any(|(k, _)| *k == kind);
        let kinds = kinds::all().count();
        Self {
            options,
            comparer,
            each,
            parts: PartsReader::new(is_compared),
            held: Held::default(),
            spilled: None,
            step: 0,
            known: Known::NotYet,
            problems: Default::default(),
            abouts: Default::default(),
            reach: [Reach::Whole, Reach::Whole],
            counts: vec![Counts::default(); kinds],
            out_of_order: vec![0; kinds],
        }
    }

    pub(super) fn run(
        mut self,
        before: Blocks,
        after: Blocks,
        reopen: &Reopen<'_>,
    ) -> Result<DiffReport, DiffError> {
        let threads = self.options.threads;
        let mut sides = [Side::new(before, threads), Side::new(after, threads)];
        for which in [Which::Before, Which::After] {
            sides[which.index()].fill();
            self.look_at_end(which, &sides);
        }
        while let Some(behind) = self.behind(&mut sides) {
            let coming = behind.iter().map(|which| self.coming(*which, &mut sides[which.index()]));
            let coming = coming.sum();
            self.make_room(coming, reopen)?;
            let mut added = Vec::new();
            for which in behind {
                self.take(*which, &mut sides[which.index()], &mut added)?;
                self.look_at_end(*which, &sides);
            }
            for key in added {
                self.settle(&key)?;
            }
            self.step += 1;
            self.make_room(0, reopen)?;
        }
        while let Some((key, pair)) = self.held.pop() {
            self.hand_on(key.0, &key.1, pair)?;
        }
        if let Some(spilled) = self.spilled.take() {
            let pairs = spilled.finish()?;
            pairs.each(|kind, key, mut pair| {
                self.count_out_of_order(kind, &pair);
                match self.judge(kind, key, &mut pair) {
                    Judged::Settled => Ok(()),
                    Judged::Open | Judged::Shown => self.hand_on(kind, key, pair),
                }
            })?;
        }
        self.report(sides)
    }

    /// Skips equal records; returns the sides whose current record has the smaller key: both if the
    /// records have equal keys. `None` at the end.
    fn behind(&mut self, sides: &mut [Side; 2]) -> Option<&'static [Which]> {
        let [a, b] = sides;
        loop {
            let (kind_a, kind_b) = match (a.frame(), b.frame()) {
                (None, None) => return None,
                (Some(_), None) => return Some(&[Which::Before]),
                (None, Some(_)) => return Some(&[Which::After]),
                (Some(before), Some(after)) => {
                    if before.bytes == after.bytes {
                        a.advance();
                        b.advance();
                        self.ended(Which::Before, a);
                        self.ended(Which::After, b);
                        continue;
                    }
                    (before.kind, after.kind)
                }
            };
            let order = match kind_a.section().cmp(&kind_b.section()) {
                Ordering::Equal if self.parts.is_compared(kind_a) || kind_a == Kind::REGISTER => {
                    let (reader, problems) = (&mut self.parts, &mut self.problems);
                    let [problems_a, problems_b] = problems;
                    let a = a.parts(&mut |frame| reader.parts_of(frame, problems_a));
                    let b = b.parts(&mut |frame| reader.parts_of(frame, problems_b));
                    match (a, b) {
                        (Some(a), Some(b)) => a.order.cmp(&b.order),
                        _ => Ordering::Equal,
                    }
                }
                order => order,
            };
            return Some(match order {
                Ordering::Less => &[Which::Before],
                Ordering::Greater => &[Which::After],
                Ordering::Equal => &[Which::Before, Which::After],
            });
        }
    }

    fn look_at_end(&mut self, which: Which, sides: &[Side; 2]) {
        self.ended(which, &sides[which.index()]);
    }

    /// The position up to which a side can be compared, once it is read to its end.
    fn ended(&mut self, which: Which, side: &Side) {
        let Some(closing) = side.closing() else { return };
        if !closing.is_damaged() {
            return;
        }
        let last = side.last().and_then(|bytes| {
            let frame = snapscope_decode::Frame {
                number: 0,
                offset: 0,
                kind: Kind(*bytes.first()?),
                bytes,
            };
            let parts = self.parts.parts(&frame, &mut Vec::new());
            Some((frame.kind.section(), parts.order))
        });
        self.reach[which.index()] = Reach::UpTo(last);
    }

    /// Memory for the objects of a side's current record, if it has many: they could fill the
    /// memory before the next check.
    fn coming(&mut self, which: Which, side: &mut Side) -> usize {
        if !side.frame().is_some_and(|frame| self.parts.is_compared(frame.kind)) {
            return 0;
        }
        let (reader, problems) = (&mut self.parts, &mut self.problems[which.index()]);
        match side.parts(&mut |frame| reader.parts_of(frame, problems)) {
            Some(Parts { parts, .. }) if parts.len() >= MANY => {
                parts.iter().map(|part| taken(0, part.row.as_ref())).sum()
            }
            _ => 0,
        }
    }

    /// If too much is held, including what is coming: finds out which objects need not wait, and
    /// moves the others to disk.
    fn make_room(&mut self, coming: usize, reopen: &Reopen<'_>) -> Result<(), DiffError> {
        let is_too_much = |held: &Held| held.size() + coming > self.options.hold;
        if is_too_much(&self.held) && matches!(self.known, Known::NotYet) {
            self.check_order(reopen)?;
        }
        if is_too_much(&self.held) {
            let spilled = self.spilled.get_or_insert_with(|| Spilled::new(&self.options.room));
            spilled.take(&mut self.held)?;
        }
        Ok(())
    }

    /// Takes the current record of a side, which has no equal on the other.
    fn take(
        &mut self,
        which: Which,
        side: &mut Side,
        added: &mut Vec<HeldKey>,
    ) -> Result<(), DiffError> {
        let Some(frame) = side.frame() else { return Ok(()) };
        let kind = frame.kind;
        if matches!(kind, Kind::REGISTER | Kind::CONNECT_CA_CONFIG) {
            // Its problems are reported when its objects are read.
            let _ = self.abouts[which.index()].look(&frame);
        }
        if self.parts.is_compared(kind) {
            let (reader, problems) = (&mut self.parts, &mut self.problems[which.index()]);
            let parts = side.parts(&mut |frame| reader.parts_of(frame, problems));
            let order = parts.map(|parts| parts.order.clone()).unwrap_or_default();
            let mut parts = side.take_parts();
            if let Some(prefix) = &self.options.prefix {
                parts.retain(|part| part.key.starts_with(prefix));
            }
            if let Some(frame) = side.frame().filter(|_| !parts.is_empty()) {
                let record = Rc::new(HeldRecord::of(&frame, order));
                // Several objects share the size of their record.
                let size = record.size() / parts.len();
                for part in parts {
                    self.add(which, part, (&record, size), added)?;
                }
            }
        }
        side.advance();
        Ok(())
    }

    fn add(
        &mut self,
        which: Which,
        part: RecordPart,
        (record, size): (&Rc<HeldRecord>, usize),
        added: &mut Vec<HeldKey>,
    ) -> Result<(), DiffError> {
        let RecordPart { kind, key, row } = part;
        let state = State { record: Rc::clone(record), row, size, step: self.step };
        let is_in_order = self.is_in_order(kind, record.kind);
        if let Some(spilled) = &mut self.spilled
            && !is_in_order
        {
            return Ok(spilled.add(kind.id, &key, which, &state)?);
        }
        let (key, met) = self.held.add(kind.id, key, which, state);
        if let Some(pair) = self.held.get_mut(&key) {
            let is_out_of_step = pair.is_out_of_step();
            if is_out_of_step && kind.traits.ordered_by_id {
                self.out_of_order[kind.id.index()] += 1;
            }
            // In step, the other one was added just now.
            if !met || is_out_of_step {
                added.push(key);
            }
        }
        Ok(())
    }

    fn count_out_of_order(&mut self, kind: KindId, pair: &Pair) {
        if kinds::of(kind).traits.ordered_by_id && pair.is_out_of_step() {
            self.out_of_order[kind.index()] += 1;
        }
    }

    /// Determines the change of an object with both states known.
    fn judge(&mut self, kind: KindId, key: &[u8], pair: &mut Pair) -> Judged {
        if !pair.states.iter().all(Option::is_some) {
            return Judged::Open;
        }
        let [before, after] = self.rows(kind, key, pair);
        let is_moved = self.options.with_moved && pair.is_moved();
        pair.class = self.class_of(kind, before.as_ref(), after.as_ref(), is_moved);
        let with_touched = self.options.with_touched || is_moved;
        match &pair.class {
            Some(class) if with_touched || class.change != Change::Touched => Judged::Shown,
            Some(class) => {
                self.counts[kind.index()].add(class.change);
                Judged::Settled
            }
            None => Judged::Settled,
        }
    }

    /// Decides on a pair to which a state was added.
    fn settle(&mut self, key: &HeldKey) -> Result<(), DiffError> {
        let Some(pair) = self.held.get_mut(key) else { return Ok(()) };
        let mut pair = std::mem::take(pair);
        let judged = self.judge(key.0, &key.1, &mut pair);
        if let Some(held) = self.held.get_mut(key) {
            *held = pair;
        }
        if matches!(judged, Judged::Settled) {
            self.held.remove(key);
            return Ok(());
        }
        if self.is_settled(key)
            && let Some(pair) = self.held.remove(key)
        {
            self.hand_on(key.0, &key.1, pair)?;
        }
        Ok(())
    }

    /// Whether both files are known to have the objects of a kind, in records of a type, in order.
    fn is_in_order(&self, kind: &ObjectKind, record: Kind) -> bool {
        let Known::Checked(order) = &self.known else { return false };
        kind.traits.ordered_by_id && order.holds(record)
    }

    /// Whether a counterpart is excluded.
    fn is_settled(&mut self, key: &HeldKey) -> bool {
        let Known::Checked(order) = &self.known else { return false };
        let Some(pair) = self.held.get_mut(key) else { return false };
        kinds::of(key.0).traits.ordered_by_id
            && pair.states.iter().flatten().all(|state| order.holds(state.record.kind))
    }

    /// Reads both files again to find out whether held objects have to wait.
    fn check_order(&mut self, reopen: &Reopen<'_>) -> Result<(), DiffError> {
        let Some((before, after)) = reopen()? else {
            self.known = Known::Never;
            return Ok(());
        };
        let order = std::thread::scope(|scope| {
            let other = scope.spawn(|| check_order(before));
            let order = check_order(after);
            match other.join() {
                Ok(other) => order.and(other),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        });
        self.known = Known::Checked(order);
        for key in self.held.keys() {
            if self.is_settled(&key)
                && let Some(pair) = self.held.remove(&key)
            {
                self.hand_on(key.0, &key.1, pair)?;
            }
        }
        Ok(())
    }

    /// The objects of a pair.
    fn rows(&mut self, kind: KindId, key: &[u8], pair: &Pair) -> [Option<Row>; 2] {
        let mut row = |which: Which| {
            let state = pair.states[which.index()].as_ref()?;
            if let Some(row) = &state.row {
                return row.unpack();
            }
            let mut found = Vec::new();
            let frame = state.record.frame();
            let row = self.parts.row(kinds::of(kind), key, &frame, &mut found);
            let problems = &mut self.problems[which.index()];
            found.into_iter().for_each(|problem| problems.add(&frame, problem));
            row
        };
        [row(Which::Before), row(Which::After)]
    }

    /// The change of an object; `None` if there is none, or its filter does not match. One that
    /// only moved to a record of another type is touched.
    fn class_of(
        &self,
        kind: KindId,
        before: Option<&Row>,
        after: Option<&Row>,
        is_moved: bool,
    ) -> Option<ObjectChange> {
        let (_, filter) = self.options.kinds.iter().find(|(k, _)| k.id == kind)?;
        if let Some(filter) = filter
            && ![before, after].iter().flatten().any(|row| filter.holds(row.object()))
        {
            return None;
        }
        let moved = is_moved.then_some(ObjectChange { change: Change::Touched, recreated: false });
        self.comparer.class(before, after).or(moved)
    }

    /// Passes on an object that differs.
    fn hand_on(&mut self, kind: KindId, key: &[u8], pair: Pair) -> Result<(), DiffError> {
        if self.is_out_of_reach(&pair) {
            self.counts[kind.index()].not_compared += 1;
            return Ok(());
        }
        let [before, after] = self.rows(kind, key, &pair);
        let is_moved = self.options.with_moved && pair.is_moved();
        let class =
            pair.class.or_else(|| self.class_of(kind, before.as_ref(), after.as_ref(), is_moved));
        let Some(class) = class else { return Ok(()) };
        self.counts[kind.index()].add(class.change);
        let (before, after, records) = (before.as_ref(), after.as_ref(), pair.records());
        (self.each)(Found { class, before, after, records })?;
        Ok(())
    }

    /// Whether the other side may have lost the object.
    fn is_out_of_reach(&self, pair: &Pair) -> bool {
        let (state, other) = match &pair.states {
            [Some(state), None] => (state, Which::After),
            [None, Some(state)] => (state, Which::Before),
            _ => return false,
        };
        match &self.reach[other.index()] {
            Reach::Whole => false,
            Reach::UpTo(None) => true,
            Reach::UpTo(Some((place, order))) => {
                (state.record.kind.section(), &state.record.order) > (*place, order)
            }
        }
    }

    fn report(self, sides: [Side; 2]) -> Result<DiffReport, DiffError> {
        let [side_a, side_b] = sides;
        let [problems_a, problems_b] = self.problems;
        let [about_a, about_b] = self.abouts;
        let report = |side: Side, problems, about: About| -> Result<SideReport, DiffError> {
            let closing = side.into_closing().ok_or_else(|| io::Error::other("reading ended"))?;
            let facts = about.finish(&closing);
            Ok(SideReport { closing, problems, facts })
        };
        Ok(DiffReport {
            summary: kinds::all()
                .zip(self.counts)
                .filter(|(_, counts)| *counts != Counts::default())
                .collect(),
            before: report(side_a, problems_a, about_a)?,
            after: report(side_b, problems_b, about_b)?,
            out_of_order: kinds::all()
                .zip(self.out_of_order)
                .filter(|(_, count)| *count > 0)
                .collect(),
            held: self.held.most(),
        })
    }
}

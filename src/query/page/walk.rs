//! Walks over all pages of a list: says what to ask for next, and judges what came back.

use super::dedup::{SeenIds, hash};
use super::iterate::IterateQuery;
use super::list::{ListQuery, MAX_OFFSET};
use super::step::{PageDrift, PageFailure, PageRequest, Ticket, WalkStep};
use crate::text::decimal::decimal;

/// So many passes in a row may bring nothing new while the list still changes.
const MAX_IDLE_PASSES: u8 = 3;
/// In the place of a hash, which is never 0.
const NO_ID: u64 = 0;
const CHANGED: &str = ": the list changed during the walk";

/// A walk over every match of a query, without I/O: it hands out requests and takes what came of them.
///
/// **After every input, call [`poll`](Self::poll) until it says [`Wait`](WalkStep::Wait) or [`Done`](WalkStep::Done).**
/// Inputs are [`want_page`](Self::want_page) and [`stop`](Self::stop) (what the loop wants), and
/// [`handle_page`](Self::handle_page) and [`handle_failure`](Self::handle_failure) (what became of a request).
/// [`next_query`](Self::next_query) may be asked at any time. Nothing is requested before the first `want_page`, and one
/// page at a time: with `prefetch`, the next one is requested while the loop works on the page at hand.
///
/// # Where a pass ends
///
/// With a total, a pass over the list ends there; a page shorter than asked for is followed from what was received. A page that is empty
/// before its own total is drift. Without a total, a pass ends on a page shorter than asked for, and on a 400 at an offset above 0
/// after a full page. Any other failure is raised.
///
/// # A list that changes
///
/// Offsets count in the list of the moment: an item that goes between two requests moves another one below the offset of the next.
/// Such a change shows in a total that is lower than the one before it, in an item that comes twice in a pass, or in an end before the
/// total. Then the walk goes over the list again and hands out the items that are new, until a pass shows no such change. Where items may
/// have moved below the offset that the walk began at, and after three passes in a row that brought nothing new, it is drift.
///
/// Each page is asked for with the total for this. Not to be seen is an item that goes while another comes between the same two requests.
///
/// # Repeats
///
/// Items whose id came before are left out; those without an id come with the first pass. A page of nothing but repeats ends its pass, since
/// a server that ignores the offset would go on for ever. In a strict walk any repeat is drift, and any move of the total. Ids are remembered as 64-bit
/// hashes: two different ids pass for one with a chance of 1 in 37 million in a walk of a million.
///
/// ```
/// use isc_service_desk::query::{IterateQuery, PageWalk, WalkStep};
/// let mut query = IterateQuery::default();
/// query.set_page_size(2.0)?;
/// let mut walk = PageWalk::new(query);
/// walk.want_page();
/// let WalkStep::Request(first) = walk.poll() else { panic!("the first page is requested") };
/// assert_eq!(first.query.to_query_string(), "limit=2&count=true&sorters=name");
/// assert_eq!(walk.poll(), WalkStep::Wait);
///
/// walk.handle_page(first.ticket, ["a", "b"], Some(3));
/// let page = WalkStep::Page { ticket: first.ticket, keep: vec![0, 1], total: Some(3) };
/// assert_eq!(walk.poll(), page);
/// let WalkStep::Request(second) = walk.poll() else { panic!("the next page is fetched ahead") };
/// assert_eq!(second.query.to_query_string(), "limit=2&offset=2&count=true&sorters=name");
/// # Ok::<(), isc_service_desk::Invalid>(())
/// ```
#[derive(Debug)]
pub struct PageWalk {
    query: IterateQuery,
    /// The offset of the next page; none past the end.
    offset: Option<u32>,
    /// The offset of the page after the last one that was handed out.
    resume: Option<u32>,
    pass: Pass,
    /// Of all passes.
    seen: SeenIds,
    idle_passes: u8,
    /// Items still to hand out.
    left: u64,
    request: Option<Request>,
    discarded: Option<Ticket>,
    started: bool,
    wanted: bool,
    next_ticket: u32,
}

/// One pass over the list.
#[derive(Debug, Default)]
struct Pass {
    /// The last total that the server gave.
    total: Option<u64>,
    /// Whether the last page was as long as asked for.
    is_full: bool,
    /// Whether it brought an item that is new to the walk.
    is_fruitful: bool,
    /// Whether an item may have moved below the offset.
    may_have_missed: bool,
    /// Its own ids; the first pass has those of the walk.
    seen: Option<SeenIds>,
}

#[derive(Debug)]
struct Request {
    ticket: Ticket,
    offset: u32,
    limit: u32,
    answer: Option<Answer>,
}

#[derive(Debug)]
enum Answer {
    Page { ids: Vec<u64>, total: Option<u64> },
    Failed(PageFailure),
}

impl PageWalk {
    /// A walk that has not begun.
    pub fn new(query: IterateQuery) -> Self {
        let is_over = query.max == Some(0) || query.page.matches_nothing();
        Self {
            offset: (!is_over).then_some(query.page.offset()),
            resume: None,
            pass: Pass::default(),
            seen: SeenIds::default(),
            idle_passes: 0,
            left: query.max.unwrap_or(u64::MAX),
            request: None,
            discarded: None,
            started: false,
            wanted: false,
            next_ticket: 0,
            query,
        }
    }

    /// The loop wants the next page.
    pub fn want_page(&mut self) {
        self.started = true;
        self.wanted = true;
    }

    /// The loop has ended early: what is under way is discarded.
    pub fn stop(&mut self) {
        self.offset = None;
        self.discarded = self.request.take().map(|request| request.ticket).or(self.discarded);
    }

    /// A page came. `ids` has an entry for each item: its id, or an empty text where it has none. `total` is the server's, and counts only where it was asked for: what else a server says there may be anything.
    /// A ticket that was discarded is ignored.
    pub fn handle_page(&mut self, ticket: Ticket, ids: impl IntoIterator<Item = impl AsRef<str>>, total: Option<u64>) {
        let hashed = |id: &str| if id.is_empty() { NO_ID } else { hash(id) };
        let ids = ids.into_iter().map(|id| hashed(id.as_ref())).collect();
        self.answer(ticket, Answer::Page { ids, total });
    }

    /// A request failed for good. A ticket that was discarded is ignored.
    pub fn handle_failure(&mut self, ticket: Ticket, failure: PageFailure) {
        self.answer(ticket, Answer::Failed(failure));
    }

    /// What to do next.
    pub fn poll(&mut self) -> WalkStep {
        if let Some(step) = self.judge() {
            return step;
        }
        if let Some(ticket) = self.discarded.take() {
            return WalkStep::Discard(ticket);
        }
        if let Some(request) = self.plan() {
            return WalkStep::Request(request);
        }
        if self.offset.is_none() { WalkStep::Done } else { WalkStep::Wait }
    }

    /// The query of what comes after the last page that was handed out; nothing on the last page, or before the first.
    ///
    /// A walk over it goes on there, and gives again what this one has given where its next page is that of another pass.
    pub fn next_query(&self) -> Option<ListQuery> {
        Some(ListQuery { offset: self.resume?, ..self.query.page.clone() })
    }

    fn answer(&mut self, ticket: Ticket, answer: Answer) {
        if let Some(request) = self.request.as_mut().filter(|request| request.ticket == ticket) {
            request.answer.get_or_insert(answer);
        }
    }

    /// Takes the answer that has come, where the loop wants one.
    fn judge(&mut self) -> Option<WalkStep> {
        let mut request = self.request.take_if(|request| self.wanted && request.answer.is_some())?;
        let step = match request.answer.take()? {
            Answer::Page { ids, total } => self.judge_page(&request, &ids, total),
            Answer::Failed(failure) => self.judge_failure(&request, failure),
        };
        self.wanted = step.is_none();
        if !matches!(step, Some(WalkStep::Page { .. } | WalkStep::Raise(_))) {
            self.discarded = Some(request.ticket);
        }
        step
    }

    fn judge_failure(&mut self, request: &Request, failure: PageFailure) -> Option<WalkStep> {
        let may_be_end = failure == PageFailure::BadRequest && request.offset > 0;
        self.offset = None;
        if may_be_end && (self.pass.is_full || self.pass.total.is_some()) {
            self.pass.may_have_missed |= self.pass.total.is_some();
            if let Ok(next) = self.end_pass(request) {
                self.offset = next;
                return None;
            }
        }
        Some(WalkStep::Raise(request.ticket))
    }

    fn judge_page(&mut self, request: &Request, ids: &[u64], total: Option<u64>) -> Option<WalkStep> {
        let total = total.filter(|_| self.counts());
        let known = total.or(self.pass.total);
        match self.take_page(request, ids, total) {
            Ok(keep) if keep.is_empty() => None,
            Ok(keep) => Some(WalkStep::Page { ticket: request.ticket, keep, total: known }),
            Err(message) => {
                self.offset = None;
                Some(WalkStep::Drift(PageDrift { message }))
            }
        }
    }

    /// Which items to hand out; the walk then stands after them.
    fn take_page(&mut self, request: &Request, ids: &[u64], total: Option<u64>) -> Result<Vec<usize>, String> {
        self.take_total(request, total)?;
        let (mut keep, mut repeats, mut received) = (Vec::new(), 0_usize, ids.len());
        for (index, id) in ids.iter().enumerate() {
            let has_id = *id != NO_ID;
            let is_new = if has_id { self.seen.insert(*id) } else { self.pass.seen.is_none() };
            let is_repeat = has_id && !self.pass.seen.as_mut().map_or(is_new, |seen| seen.insert(*id));
            repeats += usize::from(is_repeat);
            self.pass.is_fruitful |= has_id && is_new;
            if !is_new {
                continue;
            }
            if self.left > 0 {
                self.left -= 1;
                keep.push(index);
            } else {
                received = received.min(index);
            }
        }
        if self.query.strict && repeats > 0 {
            return Err(request.drift("an item that came before", CHANGED));
        }
        let is_stuck = repeats == ids.len() && repeats > 0;
        self.pass.may_have_missed |= repeats > 0 && request.offset > self.query.page.offset();
        self.pass.is_full = ids.len() >= request.limit as usize;
        let is_last = self.left == 0;
        let next =
            if is_stuck { self.end_pass(request) } else { self.offset_after(request, received, ids.len(), total) };
        self.resume = next.as_ref().copied().unwrap_or_default();
        self.offset = if is_last { None } else { next? };
        Ok(keep)
    }

    fn take_total(&mut self, request: &Request, total: Option<u64>) -> Result<(), String> {
        let Some(now) = total else { return Ok(()) };
        let before = self.pass.total.replace(now).unwrap_or(now);
        self.pass.may_have_missed |= now < before;
        if self.query.strict && before != now {
            let moved = ["the total went from ", &decimal(before), " to ", &decimal(now)].concat();
            return Err(request.drift(&moved, CHANGED));
        }
        Ok(())
    }

    /// Where the walk goes on after `received` of the `len` items of a page, which came with this total.
    fn offset_after(
        &mut self,
        request: &Request,
        received: usize,
        len: usize,
        total: Option<u64>,
    ) -> Result<Option<u32>, String> {
        let end = u64::from(request.offset) + received as u64;
        let more = self.pass.total.map_or(self.pass.is_full, |total| end < total);
        if received == len && !more {
            return self.end_pass(request);
        }
        if len == 0 {
            if let Some(total) = total {
                let what = ["of the total of ", &decimal(total), " nothing more came"].concat();
                return Err(request.drift(&what, ""));
            }
            self.pass.may_have_missed = true;
            return self.end_pass(request);
        }
        match u32::try_from(end).ok().filter(|end| *end <= MAX_OFFSET) {
            Some(offset) => Ok(Some(offset)),
            None => Err(request.drift("the list goes on", ", the last that the API can count")),
        }
    }

    /// Where the next pass begins, where one is needed.
    fn end_pass(&mut self, request: &Request) -> Result<Option<u32>, String> {
        let Pass { may_have_missed, is_fruitful, .. } =
            std::mem::replace(&mut self.pass, Pass { seen: Some(SeenIds::default()), ..Pass::default() });
        if !may_have_missed {
            return Ok(None);
        }
        self.idle_passes = if is_fruitful { 0 } else { self.idle_passes + 1 };
        if self.query.page.offset() > 0 || self.idle_passes >= MAX_IDLE_PASSES {
            return Err(request.drift(
                "items may have been passed over",
                ": the server ignores the offset, or the list changed during the walk",
            ));
        }
        Ok(Some(0))
    }

    /// Whether pages are asked for with the total.
    fn counts(&self) -> bool {
        self.query.page.count() || self.query.strict
    }

    /// The next request, where there is room for one and a place to ask for.
    fn plan(&mut self) -> Option<PageRequest> {
        let is_time = self.wanted || self.started && self.query.prefetch > 0;
        if !is_time || self.request.is_some() {
            return None;
        }
        let offset = self.offset?;
        // A later pass brings little that is new.
        let most = if self.pass.seen.is_none() { self.left } else { u64::MAX };
        let limit = most.min(self.query.page.limit.into()) as u32;
        let ticket = Ticket(self.next_ticket);
        self.next_ticket = self.next_ticket.wrapping_add(1);
        self.request = Some(Request { ticket, offset, limit, answer: None });
        let query = ListQuery { offset, limit, count: self.counts(), ..self.query.page.clone() };
        Some(PageRequest { ticket, query })
    }
}

impl Request {
    fn drift(&self, what: &str, why: &str) -> String {
        [what, " at offset ", &decimal(self.offset.into()), why].concat()
    }
}

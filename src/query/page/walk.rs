//! Walks over all pages of a list: says what to ask for next, and judges what came back.

use super::iterate::IterateQuery;
use super::list::{ListQuery, MAX_OFFSET};
use super::seen::{Seen, hash};
use super::step::{PageDrift, PageFailure, PageRequest, Ticket, WalkStep};
use crate::text::decimal::decimal;

const CHANGED: &str = ": the list changed during the walk";

/// A walk over every match of a query, without I/O: it hands out requests and takes what came of them.
///
/// **After every input, call [`poll`](Self::poll) until it says [`Wait`](WalkStep::Wait) or [`Done`](WalkStep::Done).**
/// Inputs are [`want_page`](Self::want_page) and [`stop`](Self::stop) (what the loop wants), and
/// [`handle_page`](Self::handle_page) and [`handle_failure`](Self::handle_failure) (what became of a request).
/// [`next_query`](Self::next_query) may be asked at any time. Nothing is requested before the first `want_page`, and one
/// page at a time: with `prefetch`, the next one is requested while the loop works on the page at hand.
///
/// # Where it ends
///
/// With a total it ends there: after a shorter page it goes on from what was received, and a 400 is a failure. An *empty*
/// page before the total is asked for once more with the total, since the list may have shrunk; where the total still
/// promises items, that is drift. Without a total it ends on a page shorter than asked for, and on a 400 at an offset
/// above 0 after a full page. Any other failure is raised.
///
/// # Repeats
///
/// Items whose id came before are left out. A page of nothing but repeats is drift, since a server that ignores the
/// offset would go on for ever; in a strict walk any repeat is, and any move of the total. Ids are remembered as 64-bit
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
/// assert_eq!(second.query.to_query_string(), "limit=2&offset=2&sorters=name");
/// # Ok::<(), isc_service_desk::Invalid>(())
/// ```
#[derive(Debug)]
pub struct PageWalk {
    query: IterateQuery,
    /// Where the next page starts; none past the end.
    place: Option<Place>,
    /// Where the page after the last one that was handed out starts.
    resume: Option<u32>,
    /// The last that the server gave.
    total: Option<u64>,
    /// Whether the last page was as long as asked for.
    full: bool,
    seen: Seen,
    /// Items still to hand out.
    left: u64,
    request: Option<Request>,
    discarded: Option<Ticket>,
    started: bool,
    wanted: bool,
    next_ticket: u32,
}

/// Where a page starts.
#[derive(Debug, Clone, Copy)]
struct Place {
    offset: u32,
    /// Whether the total is asked for there.
    count: bool,
}

#[derive(Debug)]
struct Request {
    ticket: Ticket,
    place: Place,
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
        let first = Place { offset: query.page.offset(), count: query.page.count() || query.strict };
        Self {
            place: (!is_over).then_some(first),
            resume: None,
            total: None,
            full: false,
            seen: Seen::default(),
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
        self.place = None;
        self.discarded = self.request.take().map(|request| request.ticket).or(self.discarded);
    }

    /// A page came. `ids` has an entry for each item: its id, or where the server left that out, its name, which is unique
    /// too. `total` is the server's, and counts only where it was asked for: what else a server says there may be anything.
    /// A ticket that was discarded is ignored.
    pub fn handle_page(&mut self, ticket: Ticket, ids: impl IntoIterator<Item = impl AsRef<str>>, total: Option<u64>) {
        let ids = ids.into_iter().map(|id| hash(id.as_ref())).collect();
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
        if self.place.is_none() { WalkStep::Done } else { WalkStep::Wait }
    }

    /// The query of what comes after the last page that was handed out; nothing on the last page, or before the first.
    ///
    /// A walk over it goes on there. Its limit is the page size, and it does not ask for the total.
    pub fn next_query(&self) -> Option<ListQuery> {
        Some(ListQuery { offset: self.resume?, count: false, ..self.query.page.clone() })
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
        self.place = None;
        let past_end = failure == PageFailure::BadRequest && request.place.offset > 0;
        let is_end = past_end && self.full && self.total.is_none();
        (!is_end).then_some(WalkStep::Raise(request.ticket))
    }

    fn judge_page(&mut self, request: &Request, ids: &[u64], total: Option<u64>) -> Option<WalkStep> {
        match self.take_page(request, ids, total.filter(|_| request.place.count)) {
            Ok(keep) if keep.is_empty() => None,
            Ok(keep) => Some(WalkStep::Page { ticket: request.ticket, keep, total: self.total }),
            Err(message) => {
                self.place = None;
                Some(WalkStep::Drift(PageDrift { message }))
            }
        }
    }

    /// Which items to hand out; the walk then stands after them.
    fn take_page(&mut self, request: &Request, ids: &[u64], total: Option<u64>) -> Result<Vec<usize>, String> {
        self.take_total(request, total)?;
        let (mut keep, mut fresh, mut received) = (Vec::new(), 0, ids.len());
        for (index, id) in ids.iter().enumerate() {
            if !self.seen.insert(*id) {
                continue;
            }
            fresh += 1;
            if self.left > 0 {
                self.left -= 1;
                keep.push(index);
            } else {
                received = received.min(index);
            }
        }
        self.check_repeats(request, ids.len(), fresh)?;
        self.full = ids.len() >= request.limit as usize;
        let after = self.place_after(request, received, ids.len());
        self.place = if self.left > 0 { after.clone()? } else { None };
        self.resume = after.unwrap_or_default().map(|place| place.offset);
        Ok(keep)
    }

    fn take_total(&mut self, request: &Request, total: Option<u64>) -> Result<(), String> {
        let Some(now) = total else { return Ok(()) };
        match self.total.replace(now) {
            Some(before) if self.query.strict && before != now => {
                let moved = ["the total went from ", &decimal(before), " to ", &decimal(now)].concat();
                Err(request.drift(&moved, CHANGED))
            }
            _ => Ok(()),
        }
    }

    fn check_repeats(&self, request: &Request, len: usize, fresh: usize) -> Result<(), String> {
        if fresh == 0 && len > 0 {
            let why = ": the server ignores the offset, or the list changed during the walk";
            return Err(request.drift("nothing but items that came before", why));
        }
        if self.query.strict && fresh < len {
            return Err(request.drift("an item that came before", CHANGED));
        }
        Ok(())
    }

    /// Where the walk goes on after `received` of the `len` items of a page.
    fn place_after(&self, request: &Request, received: usize, len: usize) -> Result<Option<Place>, String> {
        let end = u64::from(request.place.offset) + received as u64;
        let more = self.total.map_or(self.full, |total| end < total);
        if received == len && !more {
            return Ok(None);
        }
        if len == 0 {
            return self.recheck(request).map(Some);
        }
        match u32::try_from(end).ok().filter(|end| *end <= MAX_OFFSET) {
            Some(offset) => Ok(Some(Place { offset, count: self.query.strict })),
            None => Err(request.drift("the list goes on", ", the last that the API can count")),
        }
    }

    /// An empty page where the total promises items: the same page once more, with the total of now.
    fn recheck(&self, request: &Request) -> Result<Place, String> {
        if request.place.count {
            let total = ["of the total of ", &decimal(self.total.unwrap_or_default()), " nothing more came"].concat();
            return Err(request.drift(&total, ""));
        }
        Ok(Place { count: true, ..request.place })
    }

    /// The next request, where there is room for one and a place to ask for.
    fn plan(&mut self) -> Option<PageRequest> {
        let is_time = self.wanted || self.started && self.query.prefetch > 0;
        if !is_time || self.request.is_some() {
            return None;
        }
        let place = self.place?;
        let limit = self.left.min(self.query.page.limit.into()) as u32;
        let ticket = Ticket(self.next_ticket);
        self.next_ticket = self.next_ticket.wrapping_add(1);
        self.request = Some(Request { ticket, place, limit, answer: None });
        let query = ListQuery { offset: place.offset, limit, count: place.count, ..self.query.page.clone() };
        Some(PageRequest { ticket, query })
    }
}

impl Request {
    fn drift(&self, what: &str, why: &str) -> String {
        [what, " at offset ", &decimal(self.place.offset.into()), why].concat()
    }
}

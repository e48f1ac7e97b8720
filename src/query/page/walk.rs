//! Walks over all pages of a list: says what to ask for next, and judges what came back.

use super::iterate::IterateQuery;
use super::list::{ListQuery, MAX_OFFSET, MAX_URL_LEN};
use super::seen::{Seen, hash};
use super::step::{PageDrift, PageFailure, PageRequest, Ticket, WalkStep};
use crate::Invalid;
use crate::query::filter::split::Chunks;
use crate::text::decimal::decimal;

/// What a page's URL can hold before the filter's text.
const LONGEST_OPTIONS: &str = "limit=250&offset=2147483647&count=true&sorters=-name&filters=";

/// A walk over every match of a query, without I/O: it hands out requests and takes what came of them.
///
/// **After every input, call [`poll`](Self::poll) until it says [`Wait`](WalkStep::Wait) or [`Done`](WalkStep::Done).**
/// Inputs are [`want_page`](Self::want_page) and [`stop`](Self::stop) (what the loop wants), and
/// [`handle_page`](Self::handle_page) and [`handle_failure`](Self::handle_failure) (what became of a request).
/// [`next_query`](Self::next_query) may be asked at any time. Nothing is requested before the first `want_page`.
///
/// # Where it ends
///
/// With a total it ends there: after a shorter page it goes on from what was received, and a 400 is a failure. An *empty*
/// page before the total is asked for once more with the total, since the list may have shrunk; where the total still
/// promises items, that is drift. Without a total it ends on a page shorter than asked for, and on a 400 at an offset
/// above 0 after a full page. Any other failure is raised when its page's turn comes.
///
/// # Repeats
///
/// Items whose id came before are left out. A page of nothing but repeats is drift, since a server that ignores the
/// offset would go on for ever; in a strict walk any repeat is, and any move of the total. Ids are remembered as 64-bit
/// hashes, a bounded number of them: a repeat is found within the first 500 000 items and, after that, as long as at most
/// 500 000 lie between. So a walk of any length takes at most 8 MiB, and two different ids pass for one with a chance of
/// 1 in 37 million in a walk of a million.
///
/// # Pages ahead
///
/// The page after the last one taken is known for certain and is requested ahead as soon as there is room. Pages behind it
/// are a guess (that every page comes as long as asked for), made only after a full page and never past a known total or
/// `max`. Answers may come in any order; they are judged in the order of the list. Where a page was shorter or longer
/// than guessed, the pages behind it start at the wrong item: they are discarded and requested anew, so no item is lost
/// or doubled by fetching ahead.
///
/// # A filter too long for one URL
///
/// It is split along its longest `in`, and its chunks are walked one after another, each sorted in itself. The total is
/// then asked for with each chunk's first page and ends that chunk; the walk's own total is not known. An offset is
/// skipped here, item by item, because it counts over all chunks.
///
/// ```
/// use isc_service_desk::query::{IterateQuery, PageWalk, WalkStep};
/// let mut query = IterateQuery::default();
/// query.set_page_size(2.0)?;
/// let mut walk = PageWalk::new(query, 60)?;
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
    /// None without a filter.
    chunks: Option<Chunks>,
    /// The page that is to be judged next; none past the end.
    place: Option<Place>,
    /// The place after the last page that was handed out.
    resume: Option<Place>,
    /// Of the chunk at `place`.
    total: Option<u64>,
    /// Whether the page before `place`, in the same chunk, was as long as asked for.
    full: bool,
    seen: Seen,
    /// Items still to leave out at the start.
    skip: u64,
    /// Items still to hand out.
    left: u64,
    /// What was requested and not yet judged, in the order of the list.
    requests: Vec<Request>,
    discarded: Vec<Ticket>,
    started: bool,
    wanted: bool,
    next_ticket: u32,
}

/// Where a page starts.
#[derive(Debug, Clone, Copy)]
struct Place {
    chunk: usize,
    offset: u64,
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
    /// A walk whose requests go to a URL of `url_len` characters up to its `?`, that included.
    ///
    /// # Errors
    ///
    /// The filter is too long for a URL of [`MAX_URL_LEN`] and has no `in` that can be split.
    pub fn new(query: IterateQuery, url_len: usize) -> Result<Self, Invalid> {
        let room = MAX_URL_LEN.saturating_sub(url_len + LONGEST_OPTIONS.len());
        let chunks = query.page.filter().map(|filter| filter.split(room)).transpose()?;
        let split = chunks.as_ref().is_some_and(|chunks| chunks.len() > 1);
        let offset = u64::from(query.page.offset());
        let over = query.max == Some(0) || query.page.matches_nothing();
        let first =
            Place { chunk: 0, offset: if split { 0 } else { offset }, count: query.page.count() || query.strict };
        Ok(Self {
            place: Some(first).filter(|_| !over),
            resume: None,
            total: None,
            full: false,
            seen: Seen::new(),
            skip: if split { offset } else { 0 },
            left: query.max.unwrap_or(u64::MAX),
            requests: Vec::new(),
            discarded: Vec::new(),
            started: false,
            wanted: false,
            next_ticket: 0,
            chunks,
            query,
        })
    }

    /// The loop wants the next page.
    pub fn want_page(&mut self) {
        self.started = true;
        self.wanted = true;
    }

    /// The loop has ended early: what is under way is discarded.
    pub fn stop(&mut self) {
        self.end();
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
        let judged = if self.wanted { self.judge() } else { None };
        if let Some(step) = judged {
            return step;
        }
        if let Some(ticket) = self.discarded.pop() {
            return WalkStep::Discard(ticket);
        }
        if let Some(request) = self.plan() {
            return WalkStep::Request(request);
        }
        if self.place.is_none() { WalkStep::Done } else { WalkStep::Wait }
    }

    /// The query of what comes after the last page that was handed out; nothing on the last page, or before the first.
    ///
    /// A walk over it goes on there. Its limit is the page size, and it does not ask for the total. In the middle of a
    /// split filter it holds the chunk at hand and all later ones, and its offset counts from this chunk's start: such a
    /// query is for another walk, since it may be too long for one request.
    pub fn next_query(&self) -> Option<ListQuery> {
        let Place { chunk, offset, .. } = self.resume?;
        let filter = self.chunks.as_ref().and_then(|chunks| chunks.rest(chunk));
        let ListQuery { limit, sorter, .. } = self.query.page;
        Some(ListQuery { offset: offset as u32, limit, sorter, filter, count: false })
    }

    fn answer(&mut self, ticket: Ticket, answer: Answer) {
        if let Some(request) = self.requests.iter_mut().find(|request| request.ticket == ticket) {
            request.answer.get_or_insert(answer);
        }
    }

    /// Takes answers in the order of the list, until one is something for the loop.
    fn judge(&mut self) -> Option<WalkStep> {
        while self.requests.first()?.answer.is_some() {
            let mut request = self.requests.remove(0);
            let step = match request.answer.take()? {
                Answer::Page { ids, total } => self.judge_page(&request, &ids, total),
                Answer::Failed(failure) => self.judge_failure(&request, failure),
            };
            if step.is_some() {
                self.wanted = false;
                return step;
            }
            self.discarded.push(request.ticket);
        }
        None
    }

    fn judge_failure(&mut self, request: &Request, failure: PageFailure) -> Option<WalkStep> {
        let past_end = failure == PageFailure::BadRequest && request.place.offset > 0;
        if past_end && self.full && self.total.is_none() {
            self.go_to(self.next_chunk(request.place.chunk), false);
            return None;
        }
        self.end();
        Some(WalkStep::Raise(request.ticket))
    }

    fn judge_page(&mut self, request: &Request, ids: &[u64], total: Option<u64>) -> Option<WalkStep> {
        let only_chunk = self.chunks.as_ref().is_none_or(|chunks| chunks.len() == 1);
        let counted = total.filter(|_| request.place.count);
        let total = counted.or(self.total).filter(|_| only_chunk);
        match self.take_page(request, ids, counted) {
            Ok(keep) if keep.is_empty() => None,
            Ok(keep) => Some(WalkStep::Page { ticket: request.ticket, keep, total }),
            Err(message) => {
                self.end();
                self.discarded.push(request.ticket);
                Some(WalkStep::Drift(PageDrift { message }))
            }
        }
    }

    /// Which items to hand out; the walk then stands after them.
    fn take_page(&mut self, request: &Request, ids: &[u64], counted: Option<u64>) -> Result<Vec<usize>, String> {
        self.take_total(request, counted)?;
        let (mut keep, mut fresh, mut received) = (Vec::new(), 0, ids.len());
        for (index, id) in ids.iter().enumerate() {
            if !self.seen.insert(*id) {
                continue;
            }
            fresh += 1;
            if self.skip > 0 {
                self.skip -= 1;
            } else if self.left > 0 {
                self.left -= 1;
                keep.push(index);
            } else {
                received = received.min(index);
            }
        }
        self.check_repeats(request, ids.len(), fresh)?;
        let after = self.place_after(request, received, ids.len());
        if self.left == 0 {
            self.resume = after.unwrap_or_default();
            self.end();
            return Ok(keep);
        }
        self.resume = after?;
        self.go_to(self.resume, ids.len() >= request.limit as usize);
        Ok(keep)
    }

    fn take_total(&mut self, request: &Request, counted: Option<u64>) -> Result<(), String> {
        let before = self.total;
        self.total = counted.or(before);
        match (before, counted) {
            (Some(before), Some(now)) if self.query.strict && before != now => {
                let moved = ["the total went from ", &decimal(before), " to ", &decimal(now)].concat();
                Err(request.drift(&moved, ": the list changed during the walk"))
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
            return Err(request.drift("an item that came before", ": the list changed during the walk"));
        }
        Ok(())
    }

    /// Where the walk goes on after `received` of the `len` items of a page.
    fn place_after(&self, request: &Request, received: usize, len: usize) -> Result<Option<Place>, String> {
        let Place { chunk, offset, .. } = request.place;
        let end = offset + received as u64;
        let more = self.total.map_or(len >= request.limit as usize, |total| end < total);
        if received == len && !more {
            return Ok(self.next_chunk(chunk));
        }
        if len == 0 {
            return self.recheck(request).map(Some);
        }
        if end > u64::from(MAX_OFFSET) {
            return Err(request.drift("the list goes on", ", the last that the API can count"));
        }
        Ok(Some(Place { chunk, offset: end, count: self.query.strict }))
    }

    /// An empty page where the total promises items: the same page once more, with the total of now.
    fn recheck(&self, request: &Request) -> Result<Place, String> {
        if request.place.count {
            let total = ["of the total of ", &decimal(self.total.unwrap_or_default()), " nothing more came"].concat();
            return Err(request.drift(&total, ""));
        }
        Ok(Place { count: true, ..request.place })
    }

    /// Stands at `place`, and keeps what was requested ahead only where it starts there.
    fn go_to(&mut self, place: Option<Place>, full: bool) {
        let same_chunk = place.map(|place| place.chunk) == self.place.map(|place| place.chunk);
        self.full = full && same_chunk;
        if !same_chunk {
            self.total = None;
        }
        self.place = place;
        let in_line = match (self.requests.first().map(|request| request.place), place) {
            (Some(ahead), Some(place)) => ahead.chunk == place.chunk && ahead.offset == place.offset,
            _ => false,
        };
        if !in_line {
            self.discard_requests();
        }
    }

    fn end(&mut self) {
        self.place = None;
        self.discard_requests();
    }

    fn discard_requests(&mut self) {
        for request in self.requests.drain(..) {
            self.discarded.push(request.ticket);
        }
    }

    /// The next request, where there is room for one and a place to ask for.
    fn plan(&mut self) -> Option<PageRequest> {
        let room = usize::from(self.query.prefetch) + usize::from(self.wanted);
        if !self.started || self.requests.len() >= room {
            return None;
        }
        let place = match self.requests.last() {
            None => self.place?,
            Some(last) => self.guess_after(last)?,
        };
        let mut needed = self.left.saturating_add(self.skip);
        for request in &self.requests {
            needed = needed.saturating_sub(request.limit.into());
        }
        let limit = needed.min(self.query.page.limit.into()) as u32;
        if limit == 0 {
            return None;
        }
        let ticket = Ticket(self.next_ticket);
        self.next_ticket = self.next_ticket.wrapping_add(1);
        self.requests.push(Request { ticket, place, limit, answer: None });
        Some(PageRequest { ticket, query: self.page_query(place, limit) })
    }

    /// The place after a page that has not been judged, should it come as long as asked for.
    fn guess_after(&self, last: &Request) -> Option<Place> {
        let Place { chunk, offset, .. } = last.place;
        let end = offset + u64::from(last.limit);
        let here = self.place?.chunk == chunk;
        let most = self.chunks.as_ref().and_then(|chunks| chunks.most_matches(chunk));
        if self.total.filter(|_| here).is_some_and(|total| end >= total) || most.is_some_and(|most| end >= most) {
            return self.next_chunk(chunk);
        }
        let likely = here && self.full && end <= u64::from(MAX_OFFSET);
        likely.then_some(Place { chunk, offset: end, count: self.query.strict })
    }

    fn next_chunk(&self, chunk: usize) -> Option<Place> {
        let chunk = chunk + 1;
        let count = self.query.page.count() || self.query.strict;
        (chunk < self.chunks.as_ref().map_or(1, Chunks::len)).then_some(Place { chunk, offset: 0, count })
    }

    fn page_query(&self, place: Place, limit: u32) -> ListQuery {
        let filter = self.chunks.as_ref().and_then(|chunks| chunks.get(place.chunk));
        ListQuery { offset: place.offset as u32, limit, sorter: self.query.page.sorter, filter, count: place.count }
    }
}

impl Request {
    fn drift(&self, what: &str, why: &str) -> String {
        [what, " at offset ", &decimal(self.place.offset), why].concat()
    }
}

//! Walks against servers that cut pages, hide the total, ignore the offset, answer 400 past the end, or change in between.

use isc_service_desk::query::{
    Field, Filter, IterateQuery, ListQuery, PageFailure, PageRequest, PageWalk, Row, Sorter, Ticket, WalkStep,
    compare_names,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};

fn config(cases: u32) -> Config {
    Config { cases, failure_persistence: None, rng_seed: RngSeed::Fixed(13), ..Config::default() }
}

/// A list operation: items are names, their ids are made of them.
#[derive(Debug, Clone)]
struct Server {
    names: Vec<String>,
    max_limit: usize,
    hides_total: bool,
    ignores_offset: bool,
    refuses_past_end: bool,
    /// Counts so many items that it does not give.
    phantom_items: usize,
}

impl Server {
    fn of(len: usize) -> Self {
        Self {
            names: (0..len).map(|item| format!("n{item:05}")).collect(),
            max_limit: 250,
            hides_total: false,
            ignores_offset: false,
            refuses_past_end: false,
            phantom_items: 0,
        }
    }

    fn answer(&self, query: &ListQuery) -> Result<(Vec<String>, Option<u64>), PageFailure> {
        let mut names: Vec<String> = self.names.iter().filter(|name| passes(query.filter(), name)).cloned().collect();
        names.sort_by(|left, right| compare_names(query.sorter().as_slice(), left, right));
        let total = (query.count() && !self.hides_total).then(|| (names.len() + self.phantom_items) as u64);
        let offset = if self.ignores_offset { 0 } else { query.offset() as usize };
        if self.refuses_past_end && offset > 0 && offset >= names.len() {
            return Err(PageFailure::BadRequest);
        }
        let limit = self.max_limit.min(query.limit() as usize);
        Ok((names.into_iter().skip(offset).take(limit).collect(), total))
    }
}

fn passes(filter: Option<&Filter>, name: &str) -> bool {
    let row = Row { id: Some(&id_of(name)), name, kind: "ServiceNow SDIM", cluster: None };
    filter.is_none_or(|filter| filter.matches(&row).unwrap())
}

/// A name may change its place in the order and keep its id, which stands behind `~` then.
fn id_of(name: &str) -> String {
    format!("id-{}", name.split_once('~').map_or(name, |(_, own)| own))
}

/// Something that happens to a list between two requests.
#[derive(Debug, Clone, Copy)]
enum Change {
    Insert(usize),
    Delete(usize),
    Rename(usize, usize),
}

impl Change {
    fn apply(self, names: &mut Vec<String>, step: usize) {
        match self {
            Self::Insert(place) => names.push(format!("n{place:05}~new-{step}")),
            Self::Delete(place) if !names.is_empty() => drop(names.remove(place % names.len())),
            Self::Rename(place, to) if !names.is_empty() => {
                let place = place % names.len();
                let own = names[place].split_once('~').map_or(&*names[place], |(_, own)| own);
                names[place] = format!("n{to:05}~{own}");
            }
            _ => {}
        }
    }
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (0_usize..60).prop_map(Change::Insert),
        (0_usize..60).prop_map(Change::Delete),
        (0_usize..60, 0_usize..60).prop_map(|(place, to)| Change::Rename(place, to)),
    ]
}

fn all_ids(names: &[String]) -> Vec<String> {
    let mut ids: Vec<String> = names.iter().map(|name| id_of(name)).collect();
    ids.sort();
    ids
}

fn is_drift(outcome: &Outcome) -> bool {
    matches!(outcome.end, End::Drift(_))
}

#[derive(Debug, Clone, PartialEq)]
enum End {
    Done,
    Raised(PageFailure),
    Drift(String),
}

#[derive(Debug)]
struct Outcome {
    delivered: Vec<String>,
    requests: Vec<ListQuery>,
    most_open: usize,
    totals: Vec<Option<u64>>,
    /// What `next_query` said after each page, and how many items had been delivered then.
    resumes: Vec<(usize, Option<ListQuery>)>,
    end: End,
}

/// Drives a walk to its end. `choices` decide in which order answers come, and `change` runs before each of them.
struct Driver<'a> {
    walk: PageWalk,
    server: Server,
    choices: &'a [u8],
    open: Vec<PageRequest>,
    answers: Vec<(Ticket, Result<Vec<String>, PageFailure>)>,
    outcome: Outcome,
    answered: usize,
    /// Whether the loop takes each item out of the list, as one does that updates what a filter looks at.
    consumes: bool,
    /// Whether the loop moves each item to the end of the list.
    renames: bool,
}

impl<'a> Driver<'a> {
    fn new(query: IterateQuery, server: Server, choices: &'a [u8]) -> Self {
        let outcome = Outcome {
            delivered: vec![],
            requests: vec![],
            most_open: 0,
            totals: vec![],
            resumes: vec![],
            end: End::Done,
        };
        let walk = PageWalk::new(query);
        Self {
            walk,
            server,
            choices,
            open: vec![],
            answers: vec![],
            outcome,
            answered: 0,
            consumes: false,
            renames: false,
        }
    }

    fn choose(&mut self, of: usize) -> usize {
        self.answered += 1;
        self.choices.get(self.answered % self.choices.len().max(1)).map_or(0, |choice| usize::from(*choice) % of)
    }

    fn run(mut self, mut change: impl FnMut(&mut Server, usize)) -> Outcome {
        self.walk.want_page();
        for _ in 0..100_000 {
            while self.step() {}
            if self.open.is_empty() {
                return self.outcome;
            }
            let chosen = self.choose(self.open.len());
            let request = self.open.remove(chosen);
            change(&mut self.server, self.answered);
            let answer = self.server.answer(&request.query);
            match &answer {
                Ok((names, total)) => {
                    let ids: Vec<String> = names.iter().map(|name| id_of(name)).collect();
                    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
                    self.walk.handle_page(request.ticket, &ids, *total);
                }
                Err(failure) => self.walk.handle_failure(request.ticket, *failure),
            }
            self.answers.push((request.ticket, answer.map(|(names, _)| names)));
        }
        panic!("the walk does not end");
    }

    /// Whether there may be more to do.
    fn step(&mut self) -> bool {
        match self.walk.poll() {
            WalkStep::Request(request) => {
                self.outcome.requests.push(request.query.clone());
                self.open.push(request);
                self.outcome.most_open = self.outcome.most_open.max(self.open.len() + self.answers.len());
            }
            WalkStep::Page { ticket, keep, total } => {
                let page = self.take(ticket).unwrap();
                assert!(!keep.is_empty() && keep.is_sorted(), "{keep:?}");
                let items: Vec<String> = keep.iter().map(|index| page[*index].clone()).collect();
                if self.renames {
                    for name in self.server.names.iter_mut().filter(|name| items.contains(name)) {
                        *name = format!("z{name}~{name}");
                    }
                }
                if self.consumes {
                    self.server.names.retain(|name| !items.contains(name));
                }
                self.outcome.delivered.extend(items);
                self.outcome.totals.push(total);
                self.outcome.resumes.push((self.outcome.delivered.len(), self.walk.next_query()));
                self.walk.want_page();
            }
            WalkStep::Discard(ticket) => {
                let open = self.open.len();
                self.open.retain(|request| request.ticket != ticket);
                if self.open.len() == open {
                    let _page = self.take(ticket);
                }
            }
            WalkStep::Raise(ticket) => self.outcome.end = End::Raised(self.take(ticket).unwrap_err()),
            WalkStep::Drift(drift) => self.outcome.end = End::Drift(drift.to_string()),
            WalkStep::Wait => return false,
            WalkStep::Done => {
                assert!(self.open.is_empty() && self.answers.is_empty(), "something was neither used nor discarded");
                return false;
            }
        }
        true
    }

    fn take(&mut self, ticket: Ticket) -> Result<Vec<String>, PageFailure> {
        let place = self.answers.iter().position(|(answered, _)| *answered == ticket).unwrap();
        self.answers.remove(place).1
    }
}

fn walk(query: IterateQuery, server: Server) -> Outcome {
    Driver::new(query, server, &[]).run(|_, _| {})
}

fn query() -> IterateQuery {
    IterateQuery::default()
}

/// Setters that must not fail, in a chain.
trait With: Sized {
    fn with(self, set: impl FnOnce(&mut IterateQuery)) -> IterateQuery;

    fn with_offset(self, offset: f64) -> IterateQuery {
        self.with(|query| query.set_offset(offset).unwrap())
    }
    fn with_page_size(self, page_size: f64) -> IterateQuery {
        self.with(|query| query.set_page_size(page_size).unwrap())
    }
    fn with_max(self, max: f64) -> IterateQuery {
        self.with(|query| query.set_max(max).unwrap())
    }
    fn with_prefetch(self, prefetch: f64) -> IterateQuery {
        self.with(|query| query.set_prefetch(prefetch).unwrap())
    }
    fn with_filter(self, filter: Filter) -> IterateQuery {
        self.with(|query| query.set_filter(filter))
    }
    fn with_count(self, count: bool) -> IterateQuery {
        self.with(|query| query.set_count(count))
    }
    fn with_strict(self, strict: bool) -> IterateQuery {
        self.with(|query| query.set_strict(strict))
    }
}

impl With for IterateQuery {
    fn with(mut self, set: impl FnOnce(&mut IterateQuery)) -> IterateQuery {
        set(&mut self);
        self
    }
}

fn offsets(outcome: &Outcome) -> Vec<u32> {
    outcome.requests.iter().map(ListQuery::offset).collect()
}

/// How a walk is asked for, without a filter.
#[derive(Debug, Clone)]
struct Asked {
    page_size: u32,
    prefetch: u8,
    count: bool,
    strict: bool,
    descending: bool,
}

impl Asked {
    fn query(&self) -> IterateQuery {
        let sorter = if self.descending { Sorter::NameDescending } else { Sorter::Name };
        let mut query = query().with_page_size(self.page_size.into()).with_prefetch(self.prefetch.into());
        query.set_sorters(&[sorter]);
        query.with_count(self.count).with_strict(self.strict)
    }
}

fn asked() -> impl Strategy<Value = Asked> {
    (1_u32..12, 0_u8..=1, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(page_size, prefetch, count, strict, descending)| Asked { page_size, prefetch, count, strict, descending },
    )
}

fn choices() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 1..40)
}

proptest! {
    #![proptest_config(config(2048))]

    #[test]
    fn every_item_of_a_still_list_comes_once_in_order(
        len in 0_usize..60,
        offset in 0_u32..70,
        asked in asked(),
        choices in choices(),
        hides_total in any::<bool>(),
        refuses_past_end in any::<bool>(),
    ) {
        let offset = if refuses_past_end { offset.min((len as u32).saturating_sub(1)) } else { offset };
        let server = Server { hides_total, refuses_past_end, ..Server::of(len) };
        let mut expected = server.names.clone();
        if asked.descending {
            expected.reverse();
        }
        let expected: Vec<String> = expected.into_iter().skip(offset as usize).collect();
        let query = asked.query().with_offset(f64::from(offset));
        let outcome = Driver::new(query, server, &choices).run(|_, _| {});
        prop_assert_eq!(&outcome.end, &End::Done);
        prop_assert_eq!(outcome.delivered, expected);
        prop_assert!(outcome.most_open <= 1);

        let told = (asked.count || asked.strict) && !hides_total;
        let past_end = outcome.requests.iter().skip(1).filter(|query| query.offset() as usize >= len).count();
        prop_assert!(past_end <= usize::from(!told));
        let counted = outcome.requests.iter().filter(|query| query.count()).count();
        let all = outcome.requests.len();
        prop_assert_eq!(counted, if asked.strict || asked.count { all } else { 0 });
        prop_assert!(outcome.totals.iter().all(|total| *total == told.then_some(len as u64)));
    }

    #[test]
    fn max_is_reached_and_nothing_beyond_it_asked(
        len in 0_usize..60,
        max in 0_u64..70,
        asked in asked(),
        choices in choices(),
        hides_total in any::<bool>(),
    ) {
        let server = Server { hides_total, ..Server::of(len) };
        let query = asked.query().with_max(max as f64);
        let outcome = Driver::new(query, server, &choices).run(|_, _| {});
        prop_assert_eq!(&outcome.end, &End::Done);
        prop_assert_eq!(outcome.delivered.len() as u64, max.min(len as u64));
        prop_assert!(outcome.requests.iter().map(|query| u64::from(query.limit())).sum::<u64>() <= max);
    }

    #[test]
    fn clamped_pages_lose_nothing_where_the_total_is_told(
        len in 0_usize..60,
        clamp in 1_usize..8,
        asked in asked(),
        choices in choices(),
        refuses_past_end in any::<bool>(),
    ) {
        let server = Server { max_limit: clamp, refuses_past_end, ..Server::of(len) };
        let outcome = Driver::new(asked.query().with_count(true), server, &choices).run(|_, _| {});
        prop_assert_eq!(outcome.end, End::Done);
        prop_assert_eq!(outcome.delivered.len(), len);
    }

    #[test]
    fn ignored_offset_is_drift_and_no_item_comes_twice(
        len in 1_usize..60,
        asked in asked(),
        choices in choices(),
        hides_total in any::<bool>(),
    ) {
        let server = Server { ignores_offset: true, hides_total, ..Server::of(len) };
        let one_page = len.min(asked.page_size as usize);
        let told = (asked.count || asked.strict) && !hides_total;
        let ends = len < asked.page_size as usize || told && len == asked.page_size as usize;
        let outcome = Driver::new(asked.query(), server, &choices).run(|_, _| {});
        prop_assert_eq!(outcome.delivered.len(), one_page);
        prop_assert_eq!(outcome.end == End::Done, ends);
        prop_assert_eq!(matches!(outcome.end, End::Drift(_)), !ends);
    }

    #[test]
    fn changing_list_ends_and_gives_no_item_twice(
        len in 0_usize..40,
        asked in asked(),
        choices in choices(),
        changes in prop::collection::vec((any::<bool>(), 0_usize..60), 0..40),
        hides_total in any::<bool>(),
        refuses_past_end in any::<bool>(),
        clamp in prop::option::of(1_usize..8),
    ) {
        let server = Server { hides_total, refuses_past_end, max_limit: clamp.unwrap_or(250), ..Server::of(len) };
        let outcome = Driver::new(asked.query(), server, &choices).run(|server, step| {
            match changes.get(step) {
                Some((true, place)) => server.names.push(format!("n{:05}-{step}", place % 40)),
                Some((false, place)) if !server.names.is_empty() => {
                    let place = place % server.names.len();
                    server.names.remove(place);
                }
                _ => {}
            }
        });
        let mut delivered = outcome.delivered.clone();
        delivered.sort();
        delivered.dedup();
        prop_assert_eq!(delivered.len(), outcome.delivered.len());
        prop_assert!(outcome.most_open <= 1);
    }

    #[test]
    fn what_stays_comes_exactly_once_under_any_deletions(
        len in 0_usize..60,
        asked in asked(),
        deletions in prop::collection::vec(prop::option::of(prop::collection::vec(0_usize..60, 1..9)), 0..40),
        refuses_past_end in any::<bool>(),
        clamp in prop::option::of(1_usize..8),
    ) {
        let asked = Asked { count: true, strict: false, ..asked };
        let server = Server { refuses_past_end, max_limit: clamp.unwrap_or(250), ..Server::of(len) };
        let mut left = server.names.clone();
        let outcome = Driver::new(asked.query(), server, &[]).run(|server, step| {
            for place in deletions.get(step).into_iter().flatten().flatten() {
                Change::Delete(*place).apply(&mut server.names, step);
            }
            left.clone_from(&server.names);
        });
        let came = all_ids(&outcome.delivered);
        prop_assert!(came.windows(2).all(|two| two[0] != two[1]));
        let is_whole = all_ids(&left).iter().all(|id| came.contains(id));
        let often = deletions.iter().flatten().count() > 2;
        prop_assert!(outcome.end == End::Done && is_whole || often && outcome.end != End::Done, "{:?}", outcome);
    }

    #[test]
    fn what_stays_comes_exactly_once_or_is_drift_where_one_thing_changes_between_two_requests(
        len in 0_usize..60,
        asked in asked(),
        changes in prop::collection::vec(prop::option::of(change()), 0..40),
    ) {
        let asked = Asked { count: true, strict: false, ..asked };
        let server = Server::of(len);
        let mut stays = all_ids(&server.names);
        let outcome = Driver::new(asked.query(), server, &[]).run(|server, step| {
            if let Some(Some(change)) = changes.get(step) {
                change.apply(&mut server.names, step);
            }
            let now = all_ids(&server.names);
            stays.retain(|id| now.contains(id));
        });
        let came = all_ids(&outcome.delivered);
        prop_assert!(came.windows(2).all(|two| two[0] != two[1]));
        prop_assert!(is_drift(&outcome) || stays.iter().all(|id| came.contains(id)), "{:?}", outcome);
    }

    #[test]
    fn a_loop_that_takes_its_items_out_of_the_list_comes_to_all_of_them(
        len in 0_usize..200,
        asked in asked(),
        refuses_past_end in any::<bool>(),
    ) {
        let asked = Asked { count: true, strict: false, ..asked };
        let server = Server { refuses_past_end, ..Server::of(len) };
        let driver = Driver { consumes: true, ..Driver::new(asked.query(), server, &[]) };
        let outcome = driver.run(|_, _| {});
        prop_assert_eq!((outcome.delivered.len(), outcome.end), (len, End::Done));
    }

    #[test]
    fn inserted_items_push_none_out_where_the_end_is_found_by_its_page(
        len in 0_usize..40,
        page_size in 2_u32..12,
        inserts in prop::collection::vec(prop::option::of(0_usize..60), 0..40),
    ) {
        let server = Server { hides_total: true, ..Server::of(len) };
        let still = server.names.clone();
        let query = query().with_prefetch(0.0).with_page_size(page_size.into());
        let outcome = Driver::new(query, server, &[]).run(|server, step| {
            if let Some(Some(place)) = inserts.get(step) {
                server.names.push(format!("n{place:05}-{step}"));
            }
        });
        let came = still.iter().filter(|name| outcome.delivered.contains(name)).count();
        prop_assert!(came == len || matches!(outcome.end, End::Drift(_)));
    }

    #[test]
    fn strict_walk_of_a_list_that_grows_is_whole_or_drift(
        len in 0_usize..40,
        mut asked in asked(),
        choices in choices(),
        grows_at in 1_usize..12,
    ) {
        asked.strict = true;
        let server = Server::of(len);
        let outcome = Driver::new(asked.query(), server, &choices).run(|server, step| {
            if step == grows_at {
                server.names.insert(0, "a".to_owned());
            }
        });
        prop_assert!(matches!(outcome.end, End::Drift(_)) || outcome.delivered.len() >= len);
    }
}

proptest! {
    #![proptest_config(config(1024))]

    #[test]
    fn walk_goes_on_from_any_page_as_if_it_had_not_stopped(
        len in 0_usize..60,
        wanted in prop::collection::vec(0_usize..90, 0..60),
        offset in 0_u32..40,
        asked in asked(),
        choices in choices(),
        hides_total in any::<bool>(),
        pick in any::<prop::sample::Index>(),
    ) {
        let server = Server { hides_total, ..Server::of(len) };
        let ids: Vec<String> = wanted.iter().map(|item| format!("id-n{item:05}")).collect();
        let filter = Filter::is_in(Field::Id, &ids).unwrap();
        let query = asked.query().with_filter(filter).with_offset(f64::from(offset));
        let whole = Driver::new(query, server.clone(), &choices).run(|_, _| {});
        prop_assert_eq!(&whole.end, &End::Done);

        let mut distinct = wanted.clone();
        distinct.sort_unstable();
        distinct.dedup();
        let matching = distinct.iter().filter(|item| **item < len).count();
        prop_assert_eq!(whole.delivered.len(), matching.saturating_sub(offset as usize));

        if !whole.resumes.is_empty() {
            let (before, next) = pick.get(&whole.resumes);
            let rest = next.as_ref().map_or_else(Vec::new, |next| {
                let again = asked.query().with_offset(f64::from(next.offset()));
                let again = next.filter().cloned().map_or(again.clone(), |filter| again.with_filter(filter));
                let rest = Driver::new(again, server, &choices).run(|_, _| {});
                assert_eq!(rest.end, End::Done);
                rest.delivered
            });
            prop_assert_eq!(&whole.delivered[*before..], rest);
        }
    }
}

#[test]
fn first_page_alone_is_asked_before_anything_is_known() {
    let outcome = walk(query(), Server::of(100));
    assert_eq!(outcome.requests.len(), 1);
    assert_eq!(outcome.requests[0].to_query_string(), "limit=250&count=true&sorters=name");
}

#[test]
fn nothing_is_asked_before_the_loop_wants_a_page() {
    let mut walk = PageWalk::new(query());
    assert_eq!(walk.poll(), WalkStep::Wait);
}

#[test]
fn one_page_is_fetched_ahead_of_the_loop_and_no_more() {
    let mut walk = PageWalk::new(query().with_page_size(1.0));
    walk.want_page();
    let WalkStep::Request(first) = walk.poll() else { panic!() };
    walk.handle_page(first.ticket, ["a"], Some(9));
    assert!(matches!(walk.poll(), WalkStep::Page { .. }));
    let WalkStep::Request(second) = walk.poll() else { panic!() };
    assert_eq!(walk.poll(), WalkStep::Wait);
    walk.handle_page(second.ticket, ["b"], None);
    assert_eq!(walk.poll(), WalkStep::Wait);
    walk.want_page();
    assert!(matches!(walk.poll(), WalkStep::Page { .. }));
}

#[test]
fn short_page_before_the_total_goes_on_from_what_was_received() {
    let outcome = walk(query(), Server { max_limit: 100, ..Server::of(250) });
    assert_eq!((outcome.delivered.len(), offsets(&outcome)), (250, vec![0, 100, 200]));
}

#[test]
fn short_page_without_a_total_is_the_end() {
    let outcome = walk(query(), Server { max_limit: 100, hides_total: true, ..Server::of(250) });
    assert_eq!((outcome.delivered.len(), outcome.end), (100, End::Done));
}

#[test]
fn full_last_page_without_a_total_ends_by_empty_page_or_400() {
    for refuses_past_end in [false, true] {
        let outcome = walk(query(), Server { hides_total: true, refuses_past_end, ..Server::of(500) });
        assert_eq!((outcome.delivered.len(), &outcome.end), (500, &End::Done));
        assert_eq!(offsets(&outcome)[..3], [0, 250, 500]);
    }
}

#[test]
fn bad_request_before_the_total_is_raised() {
    let server = Server { refuses_past_end: true, phantom_items: 10, ..Server::of(500) };
    assert_eq!(walk(query(), server).end, End::Raised(PageFailure::BadRequest));
}

#[test]
fn bad_request_at_the_start_is_raised_at_any_offset() {
    let server = Server { refuses_past_end: true, hides_total: true, ..Server::of(500) };
    let outcome = walk(query().with_offset(500.0), server);
    assert_eq!(outcome.end, End::Raised(PageFailure::BadRequest));
    let mut walk = PageWalk::new(query());
    walk.want_page();
    let WalkStep::Request(first) = walk.poll() else { panic!() };
    walk.handle_failure(first.ticket, PageFailure::BadRequest);
    assert_eq!((walk.poll(), walk.poll()), (WalkStep::Raise(first.ticket), WalkStep::Done));
}

#[test]
fn bad_request_after_a_short_page_never_happens_and_after_a_full_one_is_the_end() {
    let server = Server { refuses_past_end: true, hides_total: true, ..Server::of(250) };
    assert_eq!(offsets(&walk(query(), server.clone()))[..2], [0, 250]);
    let outcome = walk(query().with_page_size(100.0).with_prefetch(0.0), server);
    assert_eq!((offsets(&outcome), outcome.end), (vec![0, 100, 200], End::Done));
}

#[test]
fn other_failure_is_never_the_end() {
    let mut walk = PageWalk::new(query().with_page_size(1.0).with_prefetch(0.0));
    for id in ["a", "b"] {
        walk.want_page();
        let WalkStep::Request(request) = walk.poll() else { panic!() };
        walk.handle_page(request.ticket, [id], None);
        assert!(matches!(walk.poll(), WalkStep::Page { .. }));
    }
    walk.want_page();
    let WalkStep::Request(request) = walk.poll() else { panic!() };
    walk.handle_failure(request.ticket, PageFailure::Other);
    assert_eq!((walk.poll(), walk.poll()), (WalkStep::Raise(request.ticket), WalkStep::Done));
}

#[test]
fn a_total_that_falls_begins_another_pass_that_gives_what_was_passed_over() {
    let outcome = Driver::new(query(), Server::of(600), &[]).run(|server, step| {
        if step == 2 {
            server.names.drain(..100);
        }
    });
    assert_eq!((outcome.delivered.len(), &outcome.end), (600, &End::Done));
    assert_eq!(offsets(&outcome), [0, 250, 0, 250]);
    assert_eq!(outcome.totals, [Some(600), Some(500), Some(500)]);
    assert_eq!(outcome.resumes[1].1.as_ref().map(ListQuery::offset), Some(0));
}

#[test]
fn a_repeat_begins_another_pass_and_a_total_that_grows_alone_does_not() {
    for (name, offsets_asked) in [("a", vec![0, 250, 0, 250]), ("z", vec![0, 250])] {
        let outcome = Driver::new(query(), Server::of(300), &[]).run(|server, step| {
            if step == 2 {
                server.names.push(name.to_owned());
            }
        });
        assert_eq!((outcome.delivered.len(), &outcome.end), (301, &End::Done));
        assert_eq!(offsets(&outcome), offsets_asked);
    }
}

#[test]
fn a_record_that_comes_twice_in_the_only_page_begins_no_other_pass() {
    let mut walk = PageWalk::new(query());
    walk.want_page();
    let WalkStep::Request(first) = walk.poll() else { panic!() };
    walk.handle_page(first.ticket, ["a", "b", "a"], Some(3));
    assert!(matches!(walk.poll(), WalkStep::Page { keep, .. } if keep == [0, 1]));
    assert_eq!(walk.poll(), WalkStep::Done);
}

#[test]
fn a_later_pass_asks_for_whole_pages_also_where_little_is_left() {
    let outcome = Driver::new(query().with_max(501.0), Server::of(600), &[]).run(|server, step| {
        if step == 2 {
            server.names.drain(..100);
        }
    });
    assert_eq!((outcome.delivered.len(), &outcome.end), (501, &End::Done));
    assert_eq!(outcome.requests.iter().map(ListQuery::limit).collect::<Vec<_>>(), [250, 250, 250]);
}

#[test]
fn an_empty_page_without_its_total_begins_another_pass() {
    let mut walk = PageWalk::new(query().with_page_size(2.0));
    for (ids, total) in [(vec!["a", "b"], Some(3)), (vec![], None), (vec!["b", "c"], Some(2))] {
        walk.want_page();
        let request = std::iter::from_fn(|| Some(walk.poll())).find_map(|step| match step {
            WalkStep::Request(request) => Some(request),
            WalkStep::Done => panic!("the walk is over"),
            WalkStep::Wait => panic!("nothing is requested"),
            _ => None,
        });
        walk.handle_page(request.unwrap().ticket, &ids, total);
    }
    assert!(matches!(walk.poll(), WalkStep::Page { keep, .. } if keep == [1]));
    assert_eq!(walk.poll(), WalkStep::Done);
}

#[test]
fn a_list_that_keeps_changing_is_drift() {
    let outcome = Driver::new(query().with_page_size(5.0), Server::of(40), &[]).run(|server, step| {
        server.names = Server::of(39 + step % 2).names;
    });
    assert!(is_drift(&outcome), "{outcome:?}");
    assert_eq!((outcome.delivered.len(), outcome.requests.len()), (39, 32), "one pass and three idle ones");
}

#[test]
fn a_list_that_shrinks_under_a_walk_from_an_offset_is_drift() {
    let outcome = Driver::new(query().with_offset(10.0), Server::of(600), &[]).run(|server, step| {
        if step == 2 {
            server.names.remove(0);
        }
    });
    let message = "items may have been passed over at offset 510: the server ignores the offset, or the list changed during the walk";
    assert_eq!(outcome.end, End::Drift(message.to_owned()));
}

#[test]
fn total_that_promises_more_than_there_is_is_drift() {
    let outcome = walk(query(), Server { phantom_items: 1, ..Server::of(300) });
    assert_eq!(outcome.delivered.len(), 300);
    assert_eq!(outcome.end, End::Drift("of the total of 301 nothing more came at offset 300".to_owned()));
}

#[test]
fn a_server_that_ignores_the_offset_is_drift_after_three_idle_passes() {
    let outcome = walk(query(), Server { ignores_offset: true, ..Server::of(300) });
    assert_eq!((outcome.delivered.len(), offsets(&outcome)), (250, [0, 250].repeat(4)));
    let what = "items may have been passed over at offset 250: ";
    let why = "the server ignores the offset, or the list changed during the walk";
    assert_eq!(outcome.end, End::Drift(format!("{what}{why}")));
}

#[test]
fn a_loop_that_renames_its_items_comes_to_all_of_them() {
    for prefetch in [0.0, 1.0] {
        let driver = Driver::new(query().with_page_size(25.0).with_prefetch(prefetch), Server::of(60), &[]);
        let outcome = Driver { renames: true, ..driver }.run(|_, _| {});
        assert_eq!((outcome.delivered.len(), outcome.end), (60, End::Done));
    }
}

#[test]
fn records_without_an_id_come_with_the_first_pass_and_are_no_repeats() {
    let mut walk = PageWalk::new(query().with_page_size(2.0));
    let pages = [(["", ""], 5), (["a", ""], 4), (["", ""], 4), (["a", "b"], 4)];
    let (mut kept, mut asked) = (Vec::new(), 0);
    walk.want_page();
    for _ in 0..20 {
        match walk.poll() {
            WalkStep::Request(request) => {
                let (ids, total) = pages[asked];
                asked += 1;
                walk.handle_page(request.ticket, ids, Some(total));
            }
            WalkStep::Page { keep, .. } => {
                kept.push(keep);
                walk.want_page();
            }
            _ => {}
        }
    }
    assert_eq!(kept, [vec![0, 1], vec![0, 1], vec![1]]);
    assert_eq!((asked, walk.poll()), (4, WalkStep::Done));
}

#[test]
fn repeat_is_left_out_and_in_a_strict_walk_drift() {
    let insert = |server: &mut Server, step: usize| {
        if step == 2 {
            server.names.insert(0, "a".to_owned());
            server.names.pop();
        }
    };
    let loose = Driver::new(query(), Server::of(300), &[]).run(insert);
    assert_eq!((loose.delivered.len(), loose.end), (300, End::Done));
    let strict = Driver::new(query().with_strict(true), Server::of(300), &[]).run(insert);
    assert_eq!(
        strict.end,
        End::Drift("an item that came before at offset 250: the list changed during the walk".to_owned())
    );
}

#[test]
fn moving_total_is_drift_in_a_strict_walk_only() {
    let append = |server: &mut Server, step: usize| {
        if step == 2 {
            server.names.push("z".to_owned());
        }
    };
    assert_eq!(Driver::new(query(), Server::of(300), &[]).run(append).end, End::Done);
    let strict = Driver::new(query().with_strict(true), Server::of(300), &[]).run(append);
    let message = "the total went from 300 to 301 at offset 250: the list changed during the walk";
    assert_eq!(strict.end, End::Drift(message.to_owned()));
}

#[test]
fn total_that_was_not_asked_for_does_not_count() {
    let mut walk = PageWalk::new(query().with_count(false).with_page_size(1.0));
    walk.want_page();
    let WalkStep::Request(first) = walk.poll() else { panic!() };
    walk.handle_page(first.ticket, ["a"], Some(1));
    assert_eq!(walk.poll(), WalkStep::Page { ticket: first.ticket, keep: vec![0], total: None });
    assert!(matches!(walk.poll(), WalkStep::Request(_)));
}

#[test]
fn failure_of_the_page_ahead_is_raised_in_its_turn() {
    let mut walk = PageWalk::new(query().with_page_size(1.0));
    walk.want_page();
    let WalkStep::Request(first) = walk.poll() else { panic!() };
    walk.handle_page(first.ticket, ["a"], None);
    assert!(matches!(walk.poll(), WalkStep::Page { .. }));
    let WalkStep::Request(second) = walk.poll() else { panic!() };
    walk.handle_failure(second.ticket, PageFailure::Other);
    assert_eq!(walk.poll(), WalkStep::Wait);
    walk.want_page();
    assert_eq!((walk.poll(), walk.poll()), (WalkStep::Raise(second.ticket), WalkStep::Done));
}

#[test]
fn answers_to_discarded_requests_are_ignored() {
    let mut walk = PageWalk::new(query());
    walk.want_page();
    let WalkStep::Request(first) = walk.poll() else { panic!() };
    walk.stop();
    assert_eq!((walk.poll(), walk.poll()), (WalkStep::Discard(first.ticket), WalkStep::Done));
    walk.handle_page(first.ticket, ["a"], Some(1));
    walk.want_page();
    assert_eq!(walk.poll(), WalkStep::Done);
}

#[test]
fn false_filter_and_max_of_zero_ask_for_nothing() {
    let never = Filter::is_in::<&str>(Field::Id, &[]).unwrap();
    for query in [query().with_filter(never), query().with_max(0.0)] {
        let outcome = walk(query, Server::of(3));
        assert_eq!((outcome.requests.len(), outcome.delivered.len(), outcome.end), (0, 0, End::Done));
    }
}

#[test]
fn list_beyond_the_largest_offset_is_drift() {
    let mut walk = PageWalk::new(query().with_offset(2_147_483_647.0));
    walk.want_page();
    let WalkStep::Request(request) = walk.poll() else { panic!() };
    walk.handle_page(request.ticket, ["a", "b"], Some(u64::MAX));
    let WalkStep::Drift(drift) = walk.poll() else { panic!() };
    assert_eq!(drift.message, "the list goes on at offset 2147483647, the last that the API can count");
}

#[test]
fn page_longer_than_asked_for_is_taken_whole() {
    let server = Server { hides_total: true, ..Server::of(30) };
    let mut walk = PageWalk::new(query().with_page_size(10.0));
    walk.want_page();
    let WalkStep::Request(first) = walk.poll() else { panic!() };
    let ids: Vec<&str> = server.names.iter().map(String::as_str).collect();
    walk.handle_page(first.ticket, &ids, None);
    assert!(matches!(walk.poll(), WalkStep::Page { keep, .. } if keep.len() == 30));
    let WalkStep::Request(second) = walk.poll() else { panic!() };
    assert_eq!(second.query.offset(), 30);
}

#[test]
fn page_longer_than_max_is_cut_and_the_next_query_starts_there() {
    let mut walk = PageWalk::new(query().with_max(3.0));
    walk.want_page();
    let WalkStep::Request(first) = walk.poll() else { panic!() };
    assert_eq!(first.query.limit(), 3);
    walk.handle_page(first.ticket, ["a", "a", "b", "c", "d"], None);
    assert!(matches!(walk.poll(), WalkStep::Page { keep, .. } if keep == [0, 2, 3]));
    let next = walk.next_query().unwrap();
    assert_eq!((next.offset(), next.limit(), next.count()), (4, 250, true));
    assert_eq!(walk.poll(), WalkStep::Done);
}

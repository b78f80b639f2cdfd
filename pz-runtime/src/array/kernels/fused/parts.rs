//! A program cut into parts: runs for the machine, and single operations between them.
//!
//! A run is as long as operations follow one another that the machine has. In it a value is in the register when the
//! next operation takes it; what is used later stays in a slot, and what is used beyond the run goes to the register of
//! the program that it has anyway.

use super::machine::{LONGEST, Op, Step, paired};
use super::{Instruction, Level, Listing, Operand, Work};
use crate::array::dtype::DType;

/// A part of a listing.
#[derive(Debug)]
pub(super) enum Part {
    /// The instruction of this number, over blocks.
    Block(usize),
    /// Several, by the machine.
    Run(Run),
}

/// Instructions for the machine.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) code: Vec<Step>,
    /// The code that writes the program's result past the caches.
    pub(super) streamed: Vec<Step>,
    /// Where its operands are.
    pub(super) places: Vec<Spot>,
    /// Slots for values that are used twice.
    pub(super) slots: usize,
}

/// Where a run finds or leaves numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    Input(usize),
    Register(usize),
    /// One number for each row.
    Spread(Operand),
    Slot(usize),
    /// A result of the program: the last value's, then the exports'.
    Result(usize),
}

/// A program cut into parts, and what these need.
#[derive(Debug)]
pub(super) struct Cut {
    pub(super) parts: Vec<Part>,
    /// Whether a register holds a value from part to part.
    pub(super) is_used: Vec<bool>,
    /// Whether an input is read by a part that is a single instruction.
    pub(super) is_in_block: Vec<bool>,
    /// The most slots of a run, those for values of the row included.
    pub(super) slots: usize,
}

impl Cut {
    /// For the machine.
    pub(super) fn for_machine(listing: &Listing) -> Cut {
        Cut::new(listing, parts(listing))
    }

    /// One instruction after the other.
    pub(super) fn in_blocks(listing: &Listing) -> Cut {
        Cut::new(listing, (0..listing.code.len()).map(Part::Block).collect())
    }

    fn new(listing: &Listing, parts: Vec<Part>) -> Cut {
        let mut is_used = vec![false; listing.registers.len()];
        let mut is_in_block = vec![false; listing.inputs.len()];
        let is_streamed = listing.is_streamed();
        let mut slots = 0;
        for part in &parts {
            match part {
                Part::Block(index) => {
                    let instruction = &listing.code[*index];
                    is_used[instruction.register] |= index + 1 < listing.code.len() || is_streamed;
                    for operand in &instruction.args {
                        match *operand {
                            Operand::Register(register) => is_used[register] = true,
                            Operand::Input(input) => is_in_block[input] = true,
                        }
                    }
                }
                Part::Run(run) => {
                    let mut spread = 0;
                    for spot in &run.places {
                        match *spot {
                            Spot::Register(register) => is_used[register] = true,
                            Spot::Spread(operand) => {
                                spread += 1;
                                if let Operand::Input(input) = operand {
                                    is_in_block[input] = true;
                                }
                            }
                            Spot::Input(_) | Spot::Slot(_) | Spot::Result(_) => {}
                        }
                    }
                    slots = slots.max(run.slots + spread);
                }
            }
        }
        Cut { parts, is_used, is_in_block, slots }
    }
}

/// The parts of a program, in their order.
fn parts(listing: &Listing) -> Vec<Part> {
    let code = &listing.code;
    let (rows, width) = listing.shape();
    let flow = Flow::new(listing);
    let has_rows = listing.has_rows();
    let is_long = if has_rows { width >= LONGEST } else { rows >= LONGEST };
    let of_machine = |index: usize| is_long.then(|| operation(&code[index])).flatten();
    // A repetition whose users are all in runs need not be written out.
    let is_absorbed: Vec<bool> = (0..code.len())
        .map(|index| {
            let users = &flow.users[index];
            let is_free =
                !listing.exports.contains(&index) && users.iter().all(|&user| of_machine(user).is_some());
            let repeats = matches!(code[index].work, Work::Spread) && code[index].dtype == DType::F32;
            repeats
                && is_long
                && has_rows
                && !users.is_empty()
                && is_free
                && !flow.is_overwritten(listing, index)
        })
        .collect();
    let mut parts = Vec::new();
    let mut members: Vec<usize> = Vec::new();
    for index in 0..code.len() {
        if is_absorbed[index] {
            continue;
        }
        if of_machine(index).is_some() {
            members.push(index);
            continue;
        }
        close(&mut parts, listing, &flow, &is_absorbed, &mut members);
        parts.push(Part::Block(index));
    }
    close(&mut parts, listing, &flow, &is_absorbed, &mut members);
    look_ahead(&mut parts);
    for part in &mut parts {
        if let Part::Run(run) = part {
            let streamed = |step: &Step| match (step.op, run.places[usize::from(step.place)]) {
                (Op::Store, Spot::Result(0)) => Step { op: Op::Stream, ..*step },
                _ => *step,
            };
            run.code = paired(&run.code);
            run.streamed = run.code.iter().map(streamed).collect();
        }
    }
    parts
}

/// The machine's operation for an instruction, if it has it.
fn operation(instruction: &Instruction) -> Option<Op> {
    let is_number = instruction.dtype == DType::F32 && instruction.level == Level::Full;
    if is_number && matches!(instruction.work, Work::Each(_)) { Op::named(instruction.name) } else { None }
}

/// Which instructions make and use the values of a listing.
struct Flow {
    /// For each instruction, and each of its arguments, the instruction that made it; `None` for an input.
    makers: Vec<Vec<Option<usize>>>,
    /// For each instruction those that use its value, in their order.
    users: Vec<Vec<usize>>,
}

impl Flow {
    fn new(listing: &Listing) -> Flow {
        let mut flow = Flow { makers: Vec::new(), users: vec![Vec::new(); listing.code.len()] };
        let mut holds: Vec<Option<usize>> = vec![None; listing.registers.len()];
        for (index, instruction) in listing.code.iter().enumerate() {
            let made = |operand: &Operand| match *operand {
                Operand::Register(register) => holds[register],
                Operand::Input(_) => None,
            };
            let makers: Vec<Option<usize>> = instruction.args.iter().map(made).collect();
            makers.iter().flatten().for_each(|&maker| flow.users[maker].push(index));
            flow.makers.push(makers);
            if index + 1 < listing.code.len() {
                holds[instruction.register] = Some(index);
            }
        }
        flow
    }

    /// Whether what a repetition reads is overwritten before the last use of the repetition.
    fn is_overwritten(&self, listing: &Listing, index: usize) -> bool {
        let Operand::Register(read) = listing.code[index].args[0] else { return false };
        let last = self.users[index].last().copied().unwrap_or(index);
        listing.code[index..last].iter().any(|instruction| instruction.register == read)
    }
}

/// Makes runs of `members`, which follow one another, and takes them out.
fn close(
    parts: &mut Vec<Part>,
    listing: &Listing,
    flow: &Flow,
    is_absorbed: &[bool],
    members: &mut Vec<usize>,
) {
    let mut left = std::mem::take(members);
    while !left.is_empty() {
        let (run, taken) = Builder::new(listing, flow, is_absorbed, &left).build();
        parts.push(Part::Run(run));
        left.drain(..taken);
    }
}

/// Makes the code of one run.
struct Builder<'a> {
    listing: &'a Listing,
    flow: &'a Flow,
    is_absorbed: &'a [bool],
    members: &'a [usize],
    run: Run,
    /// Where the values of members are that are not only in the register: the member, its spot.
    kept: Vec<(usize, Spot)>,
    free: Vec<usize>,
}

impl<'a> Builder<'a> {
    fn new(listing: &'a Listing, flow: &'a Flow, is_absorbed: &'a [bool], members: &'a [usize]) -> Self {
        let run = Run { code: Vec::new(), streamed: Vec::new(), places: Vec::new(), slots: 0 };
        Builder { listing, flow, is_absorbed, members, run, kept: Vec::new(), free: Vec::new() }
    }

    /// The run, and how many of the members are in it.
    fn build(mut self) -> (Run, usize) {
        let mut held = None;
        for (position, &index) in self.members.iter().enumerate() {
            if self.run.places.len() + 4 > usize::from(u8::MAX) || self.overwrites(position, index) {
                self.members = &self.members[..position];
                // What was left in the register or a slot for the rest goes to the program's registers.
                return Builder::new(self.listing, self.flow, self.is_absorbed, self.members).build();
            }
            self.compute(index, held);
            held = Some(index);
            self.keep(position, index);
        }
        (self.run, self.members.len())
    }

    /// Whether an instruction would write to a register that the run has read before: the last piece of a row, which
    /// overlaps, would read it again.
    fn overwrites(&self, position: usize, index: usize) -> bool {
        let spot = Spot::Register(self.listing.code[index].register);
        self.is_used_beyond(index)
            && index + 1 < self.listing.code.len()
            && self.run.places.contains(&spot)
            && position > 0
    }

    fn is_used_beyond(&self, index: usize) -> bool {
        let last = self.members[self.members.len() - 1];
        self.flow.users[index].iter().any(|&user| user > last)
    }

    fn compute(&mut self, index: usize, held: Option<usize>) {
        let instruction = &self.listing.code[index];
        let op = operation(instruction).expect("a member of a run is the machine's");
        let is_held = |argument: usize| held.is_some() && self.flow.makers[index][argument] == held;
        let is_first_held = is_held(0);
        if op == Op::Mul && is_first_held && is_held(1) {
            return self.run.code.push(Step { op: Op::Square, place: 0, second: 0 });
        }
        let turn = instruction.args.len() == 2 && !is_first_held && is_held(1);
        let (in_register, other) = if turn { (1, 0) } else { (0, 1) };
        if !is_first_held && !turn {
            let spot = self.spot(index, in_register);
            self.push(Op::Load, spot);
        }
        match instruction.args.len() {
            1 => self.run.code.push(Step { op, place: 0, second: 0 }),
            _ => {
                let spot = self.spot(index, other);
                self.push(if turn { op.turned() } else { op }, spot);
            }
        }
    }

    /// Stores the value that is in the register, where somebody will look for it.
    fn keep(&mut self, position: usize, index: usize) {
        let members = self.members;
        self.kept.retain(|&(known, spot)| {
            let is_over = self.flow.users[known].iter().all(|user| !members[position + 1..].contains(user));
            if let (true, Spot::Slot(slot)) = (is_over, spot) {
                self.free.push(slot);
            }
            !is_over
        });
        if index + 1 == self.listing.code.len() {
            return self.push(Op::Store, Spot::Result(0));
        }
        if let Some(export) = self.listing.exports.iter().position(|&export| export == index) {
            self.push(Op::Store, Spot::Result(export + 1));
        }
        let users = &self.flow.users[index];
        let next = members.get(position + 1);
        let mut later = users.iter().filter(|user| members[position + 1..].contains(user));
        // The next one takes it from the register, if it takes it once or squares it.
        let is_square = next.is_some_and(|&next| operation(&self.listing.code[next]) == Some(Op::Mul));
        let is_held_on =
            later.clone().all(|user| Some(user) == next) && (is_square || later.clone().count() <= 1);
        let spot = if self.is_used_beyond(index) {
            Spot::Register(self.listing.code[index].register)
        } else if later.next().is_none() || is_held_on {
            return;
        } else {
            Spot::Slot(self.free.pop().unwrap_or_else(|| {
                self.run.slots += 1;
                self.run.slots - 1
            }))
        };
        self.kept.push((index, spot));
        self.push(Op::Store, spot);
    }

    /// Where an argument of an instruction is, if it is not in the register.
    fn spot(&self, index: usize, argument: usize) -> Spot {
        let operand = self.listing.code[index].args[argument];
        match (self.flow.makers[index][argument], operand) {
            (Some(maker), _) if self.is_absorbed[maker] => Spot::Spread(self.listing.code[maker].args[0]),
            (Some(maker), Operand::Register(register)) => {
                let kept = self.kept.iter().find(|(known, _)| *known == maker);
                kept.map_or(Spot::Register(register), |(_, spot)| *spot)
            }
            (_, Operand::Input(input)) => Spot::Input(input),
            (None, Operand::Register(register)) => Spot::Register(register),
        }
    }

    fn push(&mut self, op: Op, spot: Spot) {
        let known = self.run.places.iter().position(|known| *known == spot).unwrap_or_else(|| {
            self.run.places.push(spot);
            self.run.places.len() - 1
        });
        self.run.code.push(Step { op, place: known as u8, second: 0 });
    }
}

/// Lets the run that computes the most bring in what the next tile reads of inputs: where a tile has several parts, the first
/// of them would wait for memory, and the others leave it idle.
fn look_ahead(parts: &mut [Part]) {
    if parts.len() < 2 {
        return;
    }
    let mut inputs: Vec<Spot> = Vec::new();
    for part in &*parts {
        if let Part::Run(run) = part {
            inputs.extend(run.places.iter().filter(|spot| matches!(spot, Spot::Input(_))));
        }
    }
    let runs = parts.iter_mut().filter_map(|part| match part {
        Part::Run(run) => Some(run),
        Part::Block(_) => None,
    });
    let Some(longest) = runs.max_by_key(|run| run.code.iter().map(|step| step.op.weight()).sum::<usize>())
    else {
        return;
    };
    for spot in inputs {
        let known = longest.places.iter().position(|known| *known == spot).unwrap_or_else(|| {
            longest.places.push(spot);
            longest.places.len() - 1
        });
        let step = Step { op: Op::Ahead, place: known as u8, second: 0 };
        if !longest.code.iter().any(|known| known.op == Op::Ahead && known.place == step.place) {
            longest.code.push(step);
        }
    }
}

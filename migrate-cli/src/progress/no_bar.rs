//! No bar, in a program without the feature `terminal`: what is printed is the
//! same as in a pipe.

#[derive(Clone)]
pub(super) struct Bar;

impl Bar {
    pub(super) fn new(_is_hidden: bool) -> Bar {
        Bar
    }

    pub(super) fn start(&self, _count: usize) {}

    pub(super) fn say(&self, _message: String) {}

    pub(super) fn advance(&self) {}

    pub(super) fn suspend(&self, print: impl FnOnce()) {
        print();
    }

    pub(super) fn end(&self) {}
}

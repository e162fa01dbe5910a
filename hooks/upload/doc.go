// Package upload looks at the files that come in.
//
// Nothing that comes in is unpacked or run. A file's type is what its content
// shows, and only pictures, films, sounds and PDF are ever shown inside a
// browser, in a sandbox (PDF beside one, where they may load nothing, as Chrome
// shows none in it); everything else is a download (rooms conversation,
// draft and kb, and PocketBase for the rest).
//
// Pictures cost memory where they are made smaller: a picture of a few
// kilobytes may have a thousand million points. So pictures for everybody (the
// shop's logo and cover, faces, what stands in articles) are refused above
// [MostPoints], and no smaller one is made of any picture above [MostShrunk],
// also not for the admin UI. Only heads are read to find out.
//
// What a camera writes into pictures for everybody (where, when, with what) is
// taken out, bit for bit, without encoding them anew; which way up they are
// stays. Attachments of conversations are kept as they were sent: they may be
// what a complaint is about.
package upload

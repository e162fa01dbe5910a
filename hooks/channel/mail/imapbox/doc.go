// Package imapbox is the wall round go-imap: a mailbox on a server as the mail
// channel needs it, where nothing waits for ever and nothing is believed that
// was not checked.
//
// The library hangs, drops mails silently or delivers empty ones when a server
// misbehaves (found by experiment with scripted servers, H1 to H15 in the
// comments). Hence:
//
//   - The network connection is ours. Every command has its own time limit,
//     and when that is over the connection is closed under it; a client that
//     still does not return is abandoned (H1, H2, H6).
//   - One goroutine at a time uses a Conn. Handlers of unasked data only raise a flag
//     (H3, H4), and FETCH data without a taker is left alone (H5).
//   - Only UID, RFC822.SIZE and BODY.PEEK[] are asked for; fields are parsed by
//     the mime package (H9, H11).
//   - What a FETCH brought is compared with what was asked for; what is missing
//     or came without a body is fetched again by its sequence number (H7, H8).
//   - Mails above a threshold come in windows, each with its own time limit
//     (H12).
package imapbox

// Package ack tells a customer who wrote by mail or by the form that their
// message arrived: with its number, and when they may expect an answer.
//
// It is written in the transaction that takes the message in, as a message of
// the machine with its outbox row, so it exists once or not at all. Whether it
// may go is the mail room's to say (mail rules 33, 34, 37, 38); this room adds
// the shop's switch and window. Nothing the sender wrote is in it.
package ack

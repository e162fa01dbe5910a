package schema

// Drafts are what agents wrote and have not sent (migration 1764000500).
const Drafts = "drafts"

// Fields of drafts and their states.
const (
	DraftAgent        = "agent"
	DraftConversation = "conversation"
	DraftState        = "state"
	DraftKind         = "kind"
	DraftText         = "text"
	DraftHTML         = "html"
	DraftTo           = "to" // an address that the agent chose
	DraftCC           = "cc"
	DraftBCC          = "bcc"
	DraftThen         = "then"
	DraftChannel      = "channel"
	DraftFiles        = "files"
	DraftFileInfo     = "file_info"
	DraftBase         = "base"
	DraftRev          = "rev"
	DraftOther        = "other"
	DraftClientID     = "client_id"
	DraftDue          = "due"
	DraftIfReply      = "if_reply"
	DraftError        = "error"

	DraftWriting   = "writing"
	DraftHeld      = "held"
	DraftScheduled = "scheduled"
	DraftStopped   = "stopped"
	DraftFailed    = "failed"

	DraftStop = "stop" // if the customer writes before: ask
	DraftSend = "send"
)

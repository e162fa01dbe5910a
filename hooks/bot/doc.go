// Package bot answers first in the chat: from the help centre, only when it is
// sure, and never as if it were a person.
//
//	Receive -> bot_tasks row (same transaction) -> commit -> wake
//	  answer loop: [think] (reads, may ask a language model) -> [act] in one
//	  transaction: the task goes, the answer comes by conversation.Reply, the
//	  session, tags, status, event and unanswered question with it
//
// A task exists exactly if its message does, and goes exactly if its answer
// comes: a program that is killed in between answers when it runs again, once.
// Messages of one conversation are answered in their order, those of different
// ones beside each other.
//
// It is silent once an agent has spoken, and once it has handed over, until the
// conversation is solved. What it cannot answer it keeps for the owner
// (question.go), groups, and asks again whenever an article is published.
//
// Flows (package flow) are the owner's; their preview at the desk is think with
// nothing behind it. By mail and form the bot only suggests (suggest.go).
package bot

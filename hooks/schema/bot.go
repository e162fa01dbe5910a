package schema

// Collections of the bot.
const (
	Bot              = "bot"
	BotFlows         = "bot_flows"
	BotSessions      = "bot_sessions"
	BotTasks         = "bot_tasks"
	BotQuestions     = "bot_questions"
	LanguageModel    = "language_model"
	LanguageModelUse = "language_model_use"
)

// Fields of bot.
const (
	BotEnabled       = "enabled"
	BotNames         = "names"
	BotSuggestPortal = "suggest_portal"
	BotSuggestMail   = "suggest_mail"
)

// Fields of bot_flows.
const (
	FlowName   = "name"
	FlowActive = "active"
	FlowPage   = "page"
	FlowSort   = "sort"
	FlowSteps  = "steps"
)

// Fields of bot_sessions: where the bot stands in a conversation.
const (
	TalkConversation = "conversation"
	TalkSeq          = "seq"      // of the last message it answered
	TalkHanded       = "handed"   // seq of the message it handed over at, 0 for not
	TalkFailures     = "failures" // how often it did not help
	TalkAwaits       = "awaits"   // order, address
	TalkFlow         = "flow"
	TalkStep         = "step"     // where the flow waits
	TalkChoices      = "choices"  // that were offered last
	TalkQuestion     = "question" // what was asked last
	TalkLanguage     = "language"
)

// What the bot waits for besides a flow.
const (
	AwaitsOrder   = "order"
	AwaitsAddress = "address"
)

// Fields of bot_tasks: messages that the bot has not dealt with.
const (
	TaskMessage      = "message"
	TaskConversation = "conversation"
	TaskSeq          = "seq"
	TaskTries        = "tries"
)

// Fields of bot_questions: what the bot could not answer.
const (
	QuestionText         = "text"
	QuestionLanguage     = "language"
	QuestionConversation = "conversation"
	QuestionSeq          = "seq"
	QuestionWhy          = "why"
	QuestionState        = "state"
	QuestionArticle      = "article"
)

// Reasons and states of a question.
const (
	WhyNotFound   = "not_found"
	WhyNoHelp     = "no_help"
	QuestionOpen  = "open"
	QuestionDone  = "answered"
	QuestionAside = "dismissed"
)

// Fields of language_model.
const (
	ModelEnabled  = "enabled"
	ModelURL      = "url"
	ModelName     = "model"
	ModelKey      = "key" // typed, never kept
	ModelSealed   = "key_sealed"
	ModelTimeout  = "timeout"
	ModelRequests = "requests"
	ModelTokens   = "tokens"
)

// Fields of language_model_use.
const (
	UseMonth    = "month"
	UseRequests = "requests"
	UseTokens   = "tokens"
)

// Fields that the bot adds to messages and search_misses.
const (
	MsgOffer    = "offer"   // choices and an article
	MissArticle = "article" // that answers now what was once not found
)

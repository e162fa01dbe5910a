package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

func init() {
	m.Register(botUp, botDown)
}

func botFields() map[string][]core.Field {
	return map[string][]core.Field{
		"messages":      {structured("offer", "What the bot offers with it: choices and an article. Kept by itself.", 16<<10)},
		"search_misses": {text("article", "The article that answers it now, kept by itself.", long(15))},
	}
}

// botUp creates the bot: its settings, the flows of the owner, where it stands
// in each conversation, what it has yet to answer and what it could not.
func botUp(app core.App) error {
	bot := base("shohay_bot00001", "bot",
		flag("enabled", "The bot answers first in the chat: from the help centre, and only when it is sure. It says that it is automatic, hands over to a person, and is silent once an agent has spoken."),
		structured("names", `What the bot is called in each language, such as {"bn": "সহায়ক", "en": "Helper"}.`, 2<<10),
		flag("suggest_portal", "Show agents which article would answer a question from the form. Nothing is sent by itself."),
		flag("suggest_mail", "Show agents which article would answer an e-mail. Nothing is sent by itself."),
	)
	flows := base("shohay_botflow1", "bot_flows",
		text("name", "What the flow is for, for the list.", required, presentable, long(120)),
		flag("active", "Switches it on. Of the active flows the first that fits the page greets the visitor."),
		text("page", "Only on pages whose address contains this, such as /cart. Empty fits every page.", long(200)),
		whole("sort", "Its place: smaller numbers come first.", 0, 1_000_000),
		structured("steps", "The steps, the first one first. The desk has an editor with a preview for them.", 128<<10),
	)
	flows.AddIndex("idx_bot_flows_sort", false, "`sort`, `id`", "")
	sessions := base("shohay_botsess1", "bot_sessions",
		one("conversation", "Where the bot talks.", "shohay_convers1", true, true),
		counter("seq", "The last message it answered."),
		counter("handed", "The message at which it handed over to a person, 0 for not."),
		counter("failures", "How often it did not help."),
		oneOf("awaits", "What it waits for.", false, "order", "address"),
		text("flow", "The flow it is in.", long(15)),
		text("step", "The step at which that waits.", long(40)),
		structured("choices", "What it offered last.", 16<<10),
		text("question", "What was asked last.", long(600)),
		text("language", "The language it answers in.", long(5)),
	)
	sessions.AddIndex("idx_bot_sessions_conversation", true, "`conversation`", "")
	tasks := base("shohay_bottask1", "bot_tasks",
		text("message", "The message to answer.", required, long(15)),
		text("conversation", "Its conversation.", required, long(15)),
		counter("seq", "Its place."),
		counter("tries", "How often answering it failed."),
	)
	tasks.AddIndex("idx_bot_tasks_message", true, "`message`", "")
	tasks.AddIndex("idx_bot_tasks_seq", false, "`seq`", "")
	questions := base("shohay_botques1", "bot_questions",
		text("text", "What was asked.", required, presentable, long(600)),
		oneOf("language", "The language it was asked in.", false, "bn", "en"),
		one("conversation", "Where it was asked.", "shohay_convers1", false, true),
		counter("seq", "Which message it was."),
		oneOf("why", "Nothing was found, or the answer did not help.", true, "not_found", "no_help"),
		oneOf("state", "Open; answered by an article since; or set aside by somebody.", true, "open", "answered", "dismissed"),
		text("article", "The article that answers it now.", long(15)),
	)
	questions.AddIndex("idx_bot_questions_state", false, "`state`, `created`", "")
	questions.AddIndex("idx_bot_questions_message", true, "`conversation`, `seq`, `why`", "`conversation` != ''")
	model := base("shohay_llm00001", "language_model",
		flag("enabled", "A language model of your choice words the bot's answers, from articles of the help centre alone. Without it, or when it fails, the bot answers with the article itself."),
		text("url", "Where it is reached, such as http://127.0.0.1:11434/v1 for Ollama on this machine. It must speak the OpenAI protocol. A name must lead to a public address; a machine of your own network is named by its number.", long(400)),
		text("model", "The model's name there, such as llama3.2.", long(120)),
		text("key", "The key, if it wants one. It is sealed and never shown again; leave it empty to keep the one there is.", long(2000)),
		text("key_sealed", "The sealed key.", hidden, long(4000)),
		whole("timeout", "Seconds after which the bot answers without it.", 2, 60),
		whole("requests", "How many questions a month it may be asked, 0 for no limit.", 0, 10_000_000),
		whole("tokens", "How many tokens a month it may use, 0 for no limit.", 0, 1_000_000_000),
	)
	use := base("shohay_llmuse01", "language_model_use",
		text("month", "Year and month, such as 2026-11.", required, presentable, long(7)),
		counter("requests", "How often it was asked."),
		counter("tokens", "How many tokens that took."),
	)
	use.AddIndex("idx_language_model_use_month", true, "`month`", "")
	for _, c := range []*core.Collection{bot, flows, sessions, tasks, questions, model, use} {
		switch c {
		case bot, model:
			c.ListRule, c.ViewRule, c.UpdateRule = types.Pointer(isOwner), types.Pointer(isOwner), types.Pointer(isOwner)
		case flows:
			c.ListRule, c.ViewRule = types.Pointer(isOwner), types.Pointer(isOwner)
			c.CreateRule, c.UpdateRule, c.DeleteRule = types.Pointer(isOwner), types.Pointer(isOwner), types.Pointer(isOwner)
		case use:
			c.ListRule, c.ViewRule = types.Pointer(isOwner), types.Pointer(isOwner)
		}
		if err := app.Save(c); err != nil {
			return err
		}
	}
	if err := extend(app, botFields(), nil); err != nil {
		return err
	}
	settings := core.NewRecord(bot)
	settings.Id = "bot000000000001"
	settings.Load(map[string]any{"enabled": true, "names": map[string]string{"bn": "সহায়ক", "en": "Helper"}, "suggest_portal": true, "suggest_mail": true})
	if err := app.SaveNoValidate(settings); err != nil {
		return err
	}
	llm := core.NewRecord(model)
	llm.Id = "model0000000001"
	llm.Load(map[string]any{"enabled": false, "url": "http://127.0.0.1:11434/v1", "model": "llama3.2", "timeout": 15, "requests": 3000, "tokens": 3_000_000})
	if err := app.SaveNoValidate(llm); err != nil {
		return err
	}
	first := core.NewRecord(flows)
	first.Id = "flow00000000001"
	first.Load(map[string]any{"name": "Greeting", "active": true, "sort": 100, "steps": types.JSONRaw(firstFlow)})
	return app.SaveNoValidate(first)
}

// firstFlow greets, and offers what most visitors come for.
const firstFlow = `[
{"id":"hello","kind":"say","text":{"en":"Hello! I am the automatic helper. Ask me anything, or choose:","bn":"স্বাগতম! আমি স্বয়ংক্রিয় সহায়ক। যা জানতে চান লিখুন, অথবা বেছে নিন:"},"buttons":[
 {"text":{"en":"Delivery and cost","bn":"ডেলিভারি ও খরচ"},"next":"delivery"},
 {"text":{"en":"Return or exchange","bn":"ফেরত বা বদল"},"next":"returns"},
 {"text":{"en":"Where is my order?","bn":"আমার অর্ডার কোথায়?"},"next":"order"},
 {"text":{"en":"Talk to a person","bn":"মানুষের সঙ্গে কথা বলব"},"next":"person"}]},
{"id":"delivery","kind":"say","text":{"en":"What would you like to know about delivery? Write it in your own words, such as: how long does delivery to Sylhet take?","bn":"ডেলিভারির কোন বিষয়টি জানতে চান? নিজের ভাষায় লিখুন, যেমন: সিলেটে ডেলিভারি পেতে কত দিন লাগে?"}},
{"id":"returns","kind":"say","text":{"en":"What would you like to know about returns? Write it in your own words, such as: how do I exchange a size?","bn":"ফেরত বা বদলের কোন বিষয়টি জানতে চান? নিজের ভাষায় লিখুন, যেমন: সাইজ বদলাব কীভাবে?"}},
{"id":"order","kind":"ask","text":{"en":"What is your order number, or the phone number you ordered with? I will pass it to a colleague.","bn":"আপনার অর্ডার নম্বর অথবা যে ফোন নম্বরে অর্ডার করেছেন সেটি লিখুন। আমি একজন সহকর্মীকে জানিয়ে দিচ্ছি।"},"save":"note","next":"person"},
{"id":"person","kind":"hand_over"}
]`

func botDown(app core.App) error {
	if err := shrink(app, botFields(), nil); err != nil {
		return err
	}
	return drop(app, "bot_flows", "bot_sessions", "bot_tasks", "bot_questions", "bot", "language_model", "language_model_use")
}

package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

func init() {
	m.Register(auditUp, auditDown)
}

// auditUp creates the trail of who did what, the sign-ins, and the second
// factor.
func auditUp(app core.App) error {
	agents, err := app.FindCollectionByNameOrId("agents")
	if err != nil {
		return err
	}
	trail := base("shohay_audit001", "audit",
		oneOf("kind", "What it concerns.", true, "conversation", "contact", "configuration", "signin", "export"),
		text("action", "What was done.", required, presentable, long(60)),
		text("agent", "Who did it, by id.", long(20)),
		text("actor", "Who did it, by the name they had then.", long(120)),
		text("collection", "Which collection was changed.", long(60)),
		text("target", "Which record, by id.", long(20)),
		text("label", "Which record, in words.", presentable, long(200)),
		structured("changes", "What it was before and after. Secrets and what was said are left out.", 64<<10),
		text("address", "Network address it came from.", long(60)),
	)
	trail.ListRule, trail.ViewRule = types.Pointer(isOwner), types.Pointer(isOwner)
	trail.AddIndex("idx_audit_created", false, "`created` DESC, `id` DESC", "")
	trail.AddIndex("idx_audit_kind", false, "`kind`, `created` DESC, `id` DESC", "")
	trail.AddIndex("idx_audit_agent", false, "`agent`, `created` DESC, `id` DESC", "")
	if err := app.Save(trail); err != nil {
		return err
	}

	sessions := base("shohay_session1", "sessions",
		one("agent", "Who signed in.", agents.Id, true, true),
		text("device", "Browser and system.", presentable, long(80)),
		text("address", "Network address it was last used from.", long(60)),
		text("mark", "Tells one browser from another.", hidden, long(60)),
		moment("last_used", "When it was last used, to a few minutes."),
		moment("ended", "When it was ended; empty while it is good."),
		flag("limited", "Good only to set up the second factor."),
	)
	sessions.AddIndex("idx_sessions_agent", false, "`agent`, `created` DESC", "")
	if err := app.Save(sessions); err != nil {
		return err
	}

	factors := base("shohay_factor01", "second_factors",
		one("agent", "Whose authenticator app it is. Delete the record when it is lost.", agents.Id, true, true),
		text("secret", "The sealed secret.", hidden, long(200)),
		counter("step", "The last code that was used; it is good once."),
		&core.JSONField{Name: "codes", Help: "Recovery codes that are left, as codes of authentication.", MaxSize: 8 << 10, Hidden: true},
		flag("active", "Confirmed by a first code."),
	)
	factors.AddIndex("idx_second_factors_agent", true, "`agent`", "")
	if err := app.Save(factors); err != nil {
		return err
	}

	shop, err := app.FindCollectionByNameOrId("shop")
	if err != nil {
		return err
	}
	shop.Fields.Add(
		whole("audit_days", "How many days the record of who did what is kept; 0 is 365.", 0, 3650),
		flag("second_factor", "Everybody at the desk signs in with a code of an authenticator app as well. Who has none is led to set one up at the next sign-in."),
	)
	return app.Save(shop)
}

func auditDown(app core.App) error {
	shop, err := app.FindCollectionByNameOrId("shop")
	if err != nil {
		return err
	}
	shop.Fields.RemoveByName("audit_days")
	shop.Fields.RemoveByName("second_factor")
	if err := app.Save(shop); err != nil {
		return err
	}
	return drop(app, "second_factors", "sessions", "audit")
}

// Package form reads the forms of the portal's pages, which work without
// JavaScript.
//
// A page carries a signed stamp ([NewStamp]) with the time it was made and a
// random id; [CheckStamp] refuses what comes back too quickly or days later.
// [Read] takes the body part by part, so that a file that is too big costs no
// memory and what was typed before it is not lost. [Work] tells a browser that
// has computed a little from a machine that asks by the thousand.
package form

// Types without an id of their own, each with the reason (strict-id-in-types).
export default {
  PageInfo: "Relay's",
  UserError: "a value of one answer",
  Money: "a value",
  Metric: "a value",
  ActorChoice: "a choice of the viewer; `actor` names it",
  InvitationTeaser: "what a link shows to whoever holds it; the invitation has the id",
  Job: "progress of one bulk action, which has the id",
  RefusedRecipient: "a line of a bulk action's report",
};

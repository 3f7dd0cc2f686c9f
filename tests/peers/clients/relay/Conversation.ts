// What only Relay has: a list that pages, refetches through `node`, and takes in what was sent and what comes.
import { graphql } from "relay-runtime";

export const fragment = graphql`
  fragment Conversation_thread on Thread
  @refetchable(queryName: "ConversationEarlierQuery")
  @argumentDefinitions(last: { type: "Int", defaultValue: 30 }, before: { type: "String" }) {
    id
    unreadCount
    creator {
      displayName @required(action: LOG)
    }
    messages(last: $last, before: $before) @connection(key: "Conversation_messages") {
      liveCursor
      edges {
        node {
          id
          body
        }
      }
    }
  }
`;

export const query = graphql`
  query ConversationQuery($id: ID!) {
    node(id: $id) {
      ...Conversation_thread @alias
    }
  }
`;

export const send = graphql`
  mutation ConversationSendMutation($input: MessageSendInput!, $connections: [ID!]!) {
    messageSend(input: $input) {
      message @appendNode(connections: $connections, edgeTypeName: "MessageEdge") {
        id
        body
      }
      userErrors {
        field
        message
      }
    }
  }
`;

export const added = graphql`
  subscription ConversationMessagesSubscription($thread: ID!, $after: String, $connections: [ID!]!) {
    messageAdded(threadId: $thread, after: $after) {
      cursor
      node @appendNode(connections: $connections, edgeTypeName: "MessageEdge") {
        id
        body
      }
    }
  }
`;

export const remove = graphql`
  mutation ConversationBrandRemoveMutation($input: BrandRemoveInput!, $connections: [ID!]!) {
    brandRemove(input: $input) {
      removedId @deleteEdge(connections: $connections) @deleteRecord
      userErrors {
        message
      }
    }
  }
`;

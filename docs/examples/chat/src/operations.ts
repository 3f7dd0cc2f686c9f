// Every operation of the app. `npm run codegen` checks them against the schema and writes their types to src/gql/.
import { graphql } from "./gql";

graphql(`
  fragment MessageParts on Message {
    id
    body
    sentAt
    isMine
    author {
      name
    }
  }
`);

graphql(`
  fragment ThreadParts on Thread {
    id
    unreadCount
    lastMessageAt
    allowedActions
    creator {
      id
      displayName
    }
    job {
      name
      brandName
    }
    lastMessage {
      ...MessageParts
    }
  }
`);

graphql(`
  fragment Problem on UserError {
    code
    field
    message
  }
`);

export const MeQuery = graphql(`
  query Me {
    viewer {
      id
      name
      locale
      timeZone
    }
    actor {
      kind
      name
    }
  }
`);

export const ThreadsQuery = graphql(`
  query Threads($after: String) {
    threads(first: 20, after: $after) {
      liveCursor
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        ...ThreadParts
      }
    }
  }
`);

export const ThreadQuery = graphql(`
  query Thread($id: ID!, $before: String) {
    thread(id: $id) {
      ...ThreadParts
      messages(last: 20, before: $before) {
        pageInfo {
          hasPreviousPage
          startCursor
        }
        nodes {
          ...MessageParts
        }
      }
    }
  }
`);

export const MessageSendMutation = graphql(`
  mutation MessageSend($input: MessageSendInput!) {
    messageSend(input: $input) {
      message {
        ...MessageParts
      }
      userErrors {
        ...Problem
      }
    }
  }
`);

export const ThreadMarkReadMutation = graphql(`
  mutation ThreadMarkRead($input: ThreadMarkReadInput!) {
    threadMarkRead(input: $input) {
      thread {
        id
        unreadCount
      }
      userErrors {
        ...Problem
      }
    }
  }
`);

export const MessageAddedSubscription = graphql(`
  subscription MessageAdded($after: String) {
    messageAdded(after: $after) {
      cursor
      threadId
      node {
        ...MessageParts
      }
    }
  }
`);

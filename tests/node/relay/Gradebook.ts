import { graphql } from 'relay-runtime';

export const learners = graphql`
  fragment Gradebook_learners on CourseInstance
  @argumentDefinitions(count: { type: "Int", defaultValue: 20 }, cursor: { type: "String" })
  @refetchable(queryName: "GradebookPaginationQuery") {
    name
    enrollments(first: $count, after: $cursor) @connection(key: "Gradebook_enrollments") {
      edges {
        node {
          role
          user {
            ...Gradebook_learner
          }
        }
      }
    }
  }
`;

export const learner = graphql`
  fragment Gradebook_learner on User @refetchable(queryName: "GradebookLearnerQuery") {
    uid
    displayName
  }
`;

export const page = graphql`
  query GradebookQuery($name: String!) {
    courseInstance(by: { name: $name }) {
      ...Gradebook_learners
    }
  }
`;

export const rename = graphql`
  mutation GradebookRenameMutation($input: UpdateUserInput!) {
    updateUser(input: $input) {
      user {
        ...Gradebook_learner
      }
      userErrors {
        code
        field
        message
      }
    }
  }
`;

export const changes = graphql`
  subscription GradebookChangesSubscription($after: BigInt) {
    columnGradesChanged(after: $after) {
      changeIndex
      columnGrades {
        points
        user {
          ...Gradebook_learner
        }
      }
    }
  }
`;

/** Mercurius with graphql-jit and loaders for whole levels, on the SQLite file PEER_DATABASE. */
import Database from "better-sqlite3";
import Fastify from "fastify";
import mercurius from "mercurius";

const schema = `
  type Query { courseInstances(first: Int!): CourseInstanceConnection! }
  type CourseInstanceConnection { nodes: [CourseInstance!]! }
  type CourseInstance {
    databaseId: Int!
    name: String!
    longName: String!
    assessments(first: Int!): AssessmentConnection!
  }
  type AssessmentConnection { nodes: [Assessment!]! }
  type Assessment {
    databaseId: Int!
    name: String!
    title: String!
    maxPoints: Float!
    dueAt: String
    columnGrades(first: Int!): ColumnGradeConnection!
  }
  type ColumnGradeConnection { nodes: [ColumnGrade!]! }
  type ColumnGrade { databaseId: Int! points: Float maxPoints: Float! scorePerc: Float isExempt: Boolean! }
`;

const database = new Database(process.env.PEER_DATABASE, { readonly: true });
database.pragma("cache_size = -65536"); // as ours
database.pragma("temp_store = MEMORY");

const courseInstances = database.prepare(`
  SELECT id AS databaseId, name, long_name AS longName FROM course_instances
  WHERE course_id = (SELECT id FROM courses WHERE "key" = 'nested') AND deleted_at IS NULL ORDER BY id LIMIT ?
`);
const assessments = database.prepare(`
  SELECT course_instance_id AS parent, id AS databaseId, name, title, max_points AS maxPoints, due_at AS dueAt
  FROM assessments
  WHERE course_instance_id IN (SELECT value FROM json_each(?)) AND deleted_at IS NULL
  ORDER BY category_id, position, id
`);
const columnGrades = database.prepare(`
  SELECT assessment_id AS parent, id AS databaseId, points, max_points AS maxPoints, score_perc AS scorePerc,
    is_exempt AS isExempt
  FROM column_grades WHERE assessment_id IN (SELECT value FROM json_each(?)) ORDER BY assessment_id, user_id
`);

/** The first rows of each parent, by one statement for all parents; they are not cached for the request. */
function pages(statement) {
  const loader = async (queries) => {
    const groups = new Map(queries.map(({ obj }) => [obj.databaseId, []]));
    for (const row of statement.all(JSON.stringify([...groups.keys()]))) groups.get(row.parent).push(row);
    return queries.map(({ obj, params }) => ({ nodes: groups.get(obj.databaseId).slice(0, params.first) }));
  };
  return { loader, opts: { cache: false } };
}

const app = Fastify();
app.register(mercurius, {
  schema,
  jit: 1,
  resolvers: { Query: { courseInstances: (_, { first }) => ({ nodes: courseInstances.all(first) }) } },
  loaders: { CourseInstance: { assessments: pages(assessments) }, Assessment: { columnGrades: pages(columnGrades) } },
});
await app.listen({ port: 0, host: "127.0.0.1" });
console.log(`http://127.0.0.1:${app.server.address().port}`);

// What a program reads of the README's operations, with the types that were generated for them.

import type { ResultOf, VariablesOf } from '@graphql-typed-document-node/core';
import { ChangesDocument, CourseInstanceDocument, GradebooksDocument } from './generated';

declare const gradebooks: ResultOf<typeof GradebooksDocument>;
declare const course: ResultOf<typeof CourseInstanceDocument>;
declare const changes: ResultOf<typeof ChangesDocument>;

export const ids: number[] = gradebooks.courseInstances.nodes.map((each) => each.databaseId);
export const longName: string | null | undefined = course.courseInstance?.longName;
export const median: number | null | undefined = course.courseInstance?.assessments.nodes[0]?.statistics?.median;
export const index: number = changes.columnGradesChanged.changeIndex;
export const none: VariablesOf<typeof ChangesDocument> = {};
// @ts-expect-error - `nowhere` is no field
export const nowhere = course.nowhere;

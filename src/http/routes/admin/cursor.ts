export { cursorSchema } from '../../contract/query-members.ts'

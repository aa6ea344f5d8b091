// What Open edX's gradebook page asks with: its own request layer, over the front ends' own sign-in.
import { AxiosJwtAuthService, configure, fetchAuthenticatedUser } from '@edx/frontend-platform/auth';
import gradebook from '@edx/frontend-app-gradebook/src/data/services/lms';

const LMS_BASE_URL = window.LMS;
const complaints = [];
const keep = (...words) => complaints.push(words.map(String).join(' '));

configure(AxiosJwtAuthService, {
  loggingService: { logInfo: keep, logError: keep, setCustomAttribute: () => {} },
  config: {
    BASE_URL: window.location.origin,
    LMS_BASE_URL,
    LOGIN_URL: `${LMS_BASE_URL}/login`,
    LOGOUT_URL: `${LMS_BASE_URL}/logout`,
    REFRESH_ACCESS_TOKEN_ENDPOINT: `${LMS_BASE_URL}/login_refresh`,
    ACCESS_TOKEN_COOKIE_NAME: 'edx-jwt-cookie-header-payload',
    CSRF_TOKEN_API_PATH: '/csrf/api/v1/token',
  },
});

const told = async (asked) => {
  const { status, data } = await asked;
  return [status, data];
};

window.page = { fetchAuthenticatedUser, gradebook: gradebook.api, told, complaints };

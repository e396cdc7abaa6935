/** A hash that another system created from a password, and where it is published. */
export interface ForeignVector {
  readonly source: string
  readonly password: string
  readonly hash: string
}

const SIGNER = 'jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA=='
const SUPABASE_SIGNER = 'ou9tdYTGyYm8kuR6Dt0Bp0kDuAYoXrK16mbZO4yGwAn3oLspjnN0/c41v8xZnO1n14J3MjKj1b2g6AUCAlFwMw=='
const ASP_NET = 'dotnet/aspnetcore, Microsoft.AspNetCore.Identity.Test/PasswordHasherTest.cs'

/** One hash for each format and variant. The libraries that create them cannot run in workerd. */
export const foreignVectors: Readonly<Record<string, ForeignVector>> = {
  'bcrypt $2a$': {
    source: 'OpenWall crypt_blowfish 1.3, wrapper.c',
    password: 'U*U',
    hash: '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW',
  },
  'bcrypt $2y$': {
    source: 'Laravel, database/factories/UserFactory.php (PHP password_hash)',
    password: 'password',
    hash: '$2y$10$92IXUNpkjO0rOQ5byMi.Ye4oKoEa3Ro9llC/.og/at2.uheWG/igi',
  },
  'argon2i of PHP': {
    source: 'PHP password_hash with PASSWORD_ARGON2I',
    password: '123456',
    hash: '$argon2i$v=19$m=65536,t=4,p=1$cU9SdUQxVllrMURUZzFQYw$facx28B8gciRBsDpbra3jFwGe9W2Q1MPLaH6BXrpO5w',
  },
  'argon2id of the reference implementation': {
    source: 'P-H-C/phc-winner-argon2, src/test.c',
    password: 'password',
    hash: '$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc',
  },
  'argon2id of AdonisJS': {
    source: '@adonisjs/hash 10.1.1, drivers/argon, its parameters in the order that its documentation shows',
    password: 'secret pässword',
    hash: '$argon2id$v=19$t=2,m=4096,p=1$GOV7z/cl9+jI5GZoGKNlkQ$HmZmmr0nAhaI2ZU0BufWYeegOV0m77L+iEFD4WJpIQg',
  },
  Firebase: {
    source: 'firebase/scrypt, README.md',
    password: 'user1password',
    hash: `$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=${SIGNER}$42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==`,
  },
  'Firebase in base64url': {
    source: 'supabase/auth, internal/crypto/password_test.go, in the alphabet of `firebase auth:export`',
    password: 'mytestpassword',
    hash: `$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw,sk=${SUPABASE_SIGNER.replaceAll('/', '_')}$C0sHCg9ek77hsg$zKVTMvnWVw5BBOZNUdnsalx4c4c7y_w7IS5p6Ut2-CfEFFlz37J9huyQfov4iizN8dbjvEJlM5tQaJP84-hfTw`,
  },
  'better-auth': {
    source:
      "Python's hashlib.scrypt as better-auth's crypto/password.ts calls its own: N 16384, r 16, hexadecimal salt as text",
    password: 'pässword ☃',
    hash: '000102030405060708090a0b0c0d0e0f:2d3694172a91424e071e42d4d039e4591d002518e5287e022b561eb7df58f044467be6c1fea62d3202fe0f15c0e84c024296d80852d1c3ae02fff17d60da212e',
  },
  'Django 1.8': {
    source: 'django/django 1.8, tests/auth_tests/test_hashers.py',
    password: 'lètmein',
    hash: 'pbkdf2_sha256$20000$seasalt$oBSd886ysm3AqYun62DOdin8YcfbU1z9cksZSuLP9r0=',
  },
  'Django with SHA-1': {
    source: "Python's hashlib.pbkdf2_hmac, as django.utils.crypto.pbkdf2 calls it",
    password: 'pässword ☃',
    hash: 'pbkdf2_sha1$1000$NaClNaCl$V6AUMCDr6trm/g+oLXjMi9uYB+Y=',
  },
  'ASP.NET Identity 2': {
    source: ASP_NET,
    password: 'my password',
    hash: 'AAABAgMEBQYHCAkKCwwNDg+ukCEMDf0yyQ29NYubggHIVY0sdEUfdyeM+E1LtH1uJg==',
  },
  'ASP.NET Identity 3 with SHA-1': {
    source: ASP_NET,
    password: 'my password',
    hash: 'AQAAAAAAAAD6AAAAEAhftMyfTJylOlZT+eEotFXd1elee8ih5WsjXaR3PA9M',
  },
  'ASP.NET Identity 3 with SHA-512, as .NET 7 and later': {
    source: ASP_NET,
    password: 'my password',
    hash: 'AQAAAAIAAYagAAAAEAABAgMEBQYHCAkKCwwNDg/Q8A0WMKbtHQJQ2DHCdoEeeFBrgNlldq6vH4qX/CGqGQ==',
  },
}

/**
 * Hashes with more rounds than the platform's PBKDF2 allows. Our own takes a second, and much longer in tests
 * that transform the code.
 */
export const slowVectors: Readonly<Record<string, ForeignVector>> = {
  'Django 5.1': {
    source: 'django/django 5.1, tests/auth_tests/test_hashers.py',
    password: 'lètmein',
    hash: 'pbkdf2_sha256$870000$seasalt$wJSpLMQRQz0Dhj/pFpbyjMj71B2gUYp6HJS5AU+32Ac=',
  },
  'Django 6.2': {
    source: "Python's hashlib.pbkdf2_hmac, as django.utils.crypto.pbkdf2 calls it, with Django 6.2's default",
    password: 'lètmein',
    hash: 'pbkdf2_sha256$1800000$seasalt$sXv9FzN4gEo6/P8G5H1jvir9BIb5e5EkXoVGyjOniNE=',
  },
  'ASP.NET Identity 3 with SHA-256': {
    source: ASP_NET,
    password: 'my password',
    hash: 'AQAAAAEAA9CQAAAAIESkQuj2Du8Y+kbc5lcN/W/3NiAZFEm11P27nrSN5/tId+bR1SwV8CO1Jd72r4C08OLvplNlCDc3oQZ8efcW+jQ=',
  },
}

// SPDX-License-Identifier: Apache-2.0
// That the real tools write such text is asserted in test/integration/nat.test.ts.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseIptablesSave } from '../../src/nat/iptables-save.ts';
import { collectTranslations } from '../../src/nat/translations.ts';
import { describeAll, IPV4_SERVICES, IPV6_SERVICES, readFixture } from './fixtures.ts';

/** The table nat with these rules, in chains that are declared as they are named. */
function nat(...rules: readonly string[]): string {
  const chains = new Set(['PREROUTING', 'OUTPUT', ...rules.map((rule) => rule.split(' ')[1] ?? '')]);
  return ['*nat', ...[...chains].map((name) => `:${name} - [0:0]`), ...rules, 'COMMIT', ''].join('\n');
}

const found = (...rules: readonly string[]) => describeAll(parseIptablesSave(nat(...rules)));
const unknown = (...rules: readonly string[]) =>
  collectTranslations(parseIptablesSave(nat(...rules))).unknownRules;

describe('iptables-save', () => {
  it('tells the Services of kube-proxy, IPv4 and IPv6', () => {
    const ipv4 = parseIptablesSave(readFixture('kube-proxy.iptables'));
    assert.deepEqual(describeAll(ipv4), IPV4_SERVICES);
    assert.equal(collectTranslations(ipv4).unknownRules, 0);
    assert.deepEqual(describeAll(parseIptablesSave(readFixture('kube-proxy.ip6tables'))), IPV6_SERVICES);
  });

  it("tells Docker's published ports, of any address of the machine and of one", () => {
    const rules = [
      '-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER',
      '-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER',
      '-A DOCKER -i docker0 -j RETURN',
      '-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80',
      '-A DOCKER -d 127.0.0.1/32 ! -i docker0 -p tcp -m tcp --dport 8081 -j DNAT --to-destination 172.17.0.3:81',
      '-A DOCKER ! -i docker0 -p udp -m udp --dport 53 -j DNAT --to-destination 172.17.0.4:53',
    ];
    assert.deepEqual(found(...rules), ['*:8080 → 172.17.0.2:80', '127.0.0.1:8081 → 172.17.0.3:81']);
    assert.equal(unknown(...rules), 0);
  });

  it('tells host ports of the CNI plugin portmap', () => {
    const rules = [
      '-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT',
      '-A CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat name: \\"net\\" id: \\"c1\\"" -m multiport --dports 8080,8443 -j CNI-DN-1',
      '-A CNI-DN-1 -s 10.244.1.0/24 -p tcp -m tcp --dport 8080 -j CNI-HOSTPORT-SETMARK',
      '-A CNI-DN-1 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.244.1.5:80',
      '-A CNI-DN-1 -p tcp -m tcp --dport 8443 -j DNAT --to-destination 10.244.1.5:443',
      '-A CNI-HOSTPORT-SETMARK -j MARK --set-xmark 0x2000/0x2000',
    ];
    assert.deepEqual(found(...rules), ['*:8080 → 10.244.1.5:80', '*:8443 → 10.244.1.5:443']);
  });

  it('tells an address that is translated as a whole, and several Backends', () => {
    assert.deepEqual(
      found(
        '-A PREROUTING -d 203.0.113.9/32 -j DNAT --to-destination 10.0.0.9',
        '-A PREROUTING -d 10.9.0.1/32 -p tcp -m tcp --dport 80 -m statistic --mode nth --every 2 --packet 0 -j DNAT --to-destination 10.0.0.1:8080',
        '-A PREROUTING -d 10.9.0.1/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.0.2',
      ),
      ['10.9.0.1:80 → 10.0.0.1:8080, 10.0.0.2:80', '203.0.113.9:* → 10.0.0.9:*'],
    );
  });

  for (const [what, rule] of Object.entries({
    'a network': '-A PREROUTING -d 10.9.0.0/24 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.0.1:80',
    'a range of ports':
      '-A PREROUTING -d 10.9.0.1/32 -p tcp -m tcp --dport 80:90 -j DNAT --to-destination 10.0.0.1',
    'all ports but one':
      '-A PREROUTING -d 10.9.0.1/32 -p tcp -m tcp ! --dport 22 -j DNAT --to-destination 10.0.0.1',
    'a set': '-A PREROUTING -m set --match-set VIPS dst,dst -j DNAT --to-destination 10.0.0.1:80',
    'every address': '-A PREROUTING -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.0.1:3128',
    'several backends in one': '-A PREROUTING -d 10.9.0.1/32 -j DNAT --to-destination 10.0.0.1-10.0.0.9',
    'a port of this machine': '-A OUTPUT -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 15001',
    'no backend': '-A PREROUTING -d 10.9.0.1/32 -j DNAT --random',
  }))
    it(`counts what it does not understand: ${what}`, () => {
      assert.deepEqual(found(rule), []);
      assert.equal(unknown(rule), 1);
    });

  it('counts a rule that it does not understand only where it leads to a translation', () => {
    const to = (chain: string) => `-A PREROUTING -m set --match-set X dst -j ${chain}`;
    assert.equal(unknown(to('A'), '-A A -j B', '-A B -j MASQUERADE'), 0);
    assert.equal(unknown(to('A'), '-A A -j B', '-A B -d 10.9.0.1/32 -j DNAT --to-destination 10.0.0.1'), 1);
  });

  it('ends with chains that lead to each other, and with other tables', () => {
    assert.deepEqual(found('-A PREROUTING -j A', '-A A -j B', '-A B -j A'), []);
    assert.deepEqual(
      describeAll(parseIptablesSave('*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j DROP\nCOMMIT\n')),
      [],
    );
    assert.deepEqual(describeAll(parseIptablesSave('')), []);
  });

  it('takes a comment for a Service in no chain but those of kube-proxy', () => {
    const rule =
      '-d 10.9.0.1/32 -p tcp -m comment --comment "shop/web:http" -m tcp --dport 80 -j DNAT --to-destination 10.0.0.1:80';
    assert.deepEqual(found(`-A PREROUTING ${rule}`), ['10.9.0.1:80 → 10.0.0.1:80']);
    assert.deepEqual(found('-A PREROUTING -j KUBE-X', `-A KUBE-X ${rule}`), [
      '10.9.0.1:80 → 10.0.0.1:80 (shop/web)',
    ]);
  });
});

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { tempFolder } from '#kit/test-folder.ts';
import { loadProto } from './load-proto.ts';

const contract = `
  syntax = "proto3";
  package pets;
  message Pet {
    enum Kind { CAT = 0; DOG = 1; }
    string pet_name = 1;
    int64 born_at = 2;
    Kind kind = 3;
    oneof home { string street = 4; string box = 5; }
  }`;

interface Pets {
  pets: { Pet: { serialize(pet: object): Buffer; deserialize(bytes: Buffer): object } };
}

it('reads messages as the generated types describe them', () => {
  const file = path.join(tempFolder(), 'pets.proto');
  writeFileSync(file, contract);
  const { Pet } = loadProto<Pets>(file).pets;
  const arrived = (pet: object): object => Pet.deserialize(Pet.serialize(pet));
  // Names as the contract has them, exact numbers, words for the values of an enum, and which of the homes it is.
  const rex = { pet_name: 'Rex', born_at: '9007199254740993', kind: 'DOG', box: '7' };
  expect(arrived(rex)).toEqual({ ...rex, home: 'box' });
  expect(arrived({})).toEqual({ pet_name: '', born_at: '0', kind: 'CAT' });
});

it.each([
  ['package pets\nmessage Pet {}', ":2 is no valid contract: illegal token 'message', ';' expected"],
  ['package pets;\nmessage Pet {', ':2 is no valid contract: it ends too early: is a } missing?'],
  ['service Pets { rpc get (Pet) returns (Pet); }', ' is no valid contract: no such type: Pet'],
])('says what is wrong with a contract, and where: %j', (text, said) => {
  const file = path.join(tempFolder(), 'pets.proto');
  writeFileSync(file, text);
  expect(() => loadProto(file)).toThrow(`pets.proto${said}`);
});

it('says when there is no such contract', () => {
  expect(() => loadProto('pets.proto')).toThrow('protos/pets.proto is not there');
});
